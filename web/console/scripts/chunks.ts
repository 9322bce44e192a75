// Which modules go into one file, and which files of a page are fetched while the frame's code is still on its way.
//
// A browser asks for a few files at a time, and for those of a page only when the frame runs. So what most lists share is one file, and a small
// script before all others names the files of the page of the address.
import type { Plugin, Rolldown } from 'vite';

const LISTS = new RegExp(
  [
    'src/kit/(grid|confirm)/', 'src/kit/command/(useTold|useAct|CommandPreview)', 'src/pages/recipients/shared/(ListTools|text)',
    'node_modules/@tanstack/(react-virtual|virtual-core)/', 'node_modules/@fluentui/react-(search|input|select|radio|progress)/',
  ].join('|'),
);

export const chunkGroups = [
  // What Home and other pages share, in one file and not in eight of a kilobyte each.
  { name: 'figures', test: /src\/kit\/(charts\/|page\/(RefreshNote|download)|time\/stops)/, priority: 2 },
  // Only these: with all that they import they would draw parts of the frame along.
  { name: 'lists', test: LISTS, priority: 1, includeDependenciesRecursively: false },
];

/** Writes the script that has the files of the page of the address fetched, and names it first in index.html. */
export function fetchedAhead(): Plugin {
  return {
    name: 'fetched-ahead',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((one) => one.type === 'chunk');
        const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
        const entry = chunks.find((chunk) => chunk.isEntry);
        const closure = (files: string[], found = new Set<string>()): Set<string> => {
          for (const one of files) if (!found.has(one)) closure(byName.get(one)?.imports ?? [], found.add(one));
          return found;
        };
        const here = closure(entry ? [entry.fileName] : []);
        const pages: Record<string, string[]> = {};
        for (const chunk of chunks) {
          const page = /\/src\/pages\/(.+)\/page\.tsx$/.exec(chunk.facadeModuleId ?? '')?.[1];
          if (page) pages[page] = [...closure([chunk.fileName])].filter((one) => !here.has(one)).map((one) => one.replace('assets/', ''));
        }
        const source = `{const p=${JSON.stringify(pages)},a=location.pathname.replace(/^\\/admin\\/?/,'').split('/');for(const f of p[a[0]===''?'home':a.slice(0,2).join('/')]??[]){const l=document.createElement('link');l.rel='modulepreload';l.href='/admin/assets/'+f;document.head.append(l)}}`;
        const emitter = this as unknown as Rolldown.PluginContext;
        const ahead = emitter.getFileName(emitter.emitFile({ type: 'asset', name: 'ahead.js', source }));
        return [{ tag: 'script', attrs: { async: true, src: `/admin/${ahead}` }, injectTo: 'head-prepend' }];
      },
    },
  };
}
