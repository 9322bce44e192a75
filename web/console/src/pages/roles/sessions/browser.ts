// A browser in two words, from what it says of itself; whoever wants all of it finds it in the details.
const BROWSERS: [RegExp, string][] = [[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari'], [/curl\//, 'curl']];
const SYSTEMS: [RegExp, string][] = [[/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/Linux/, 'Linux']];
const first = (text: string, from: [RegExp, string][]): string | undefined => from.find(([sign]) => sign.test(text))?.[1];

export function browserOf(agent: string | null): string {
  if (!agent) return '';
  const named = [first(agent, BROWSERS), first(agent, SYSTEMS)].filter(Boolean).join(', ');
  return named || agent.slice(0, 60);
}
