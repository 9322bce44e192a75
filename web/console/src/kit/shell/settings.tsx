// What a person chooses once for all pages, kept in this browser: the zone of all times, and the colours.
import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { createDarkTheme, createLightTheme, FluentProvider, teamsHighContrastTheme, type BrandVariants, type Theme } from '@fluentui/react-components';
import { direction } from '@i18n/t';
import { browserZone } from '@kit/time/zone';

export type Colours = 'system' | 'light' | 'dark' | 'contrast';

interface Settings {
  zone: string;
  setZone: (zone: string) => void;
  colours: Colours;
  setColours: (colours: Colours) => void;
  /** Colours do not tell things apart: few are shown, or the system has its own in their place. */
  fewColours: boolean;
}

const Context = createContext<Settings | null>(null);
const ZONE_KEY = 'postroom.zone';
const COLOURS_KEY = 'postroom.colours';

const blue: BrandVariants = {
  10: '#061724', 20: '#082338', 30: '#0a2e4a', 40: '#0c3b5e', 50: '#0e4775', 60: '#0f548c', 70: '#115ea3', 80: '#0f6cbd',
  90: '#2886de', 100: '#479ef5', 110: '#62abf5', 120: '#77b7f7', 130: '#96c6fa', 140: '#b4d6fa', 150: '#cfe4fa', 160: '#ebf3fc',
};
const light: Theme = createLightTheme(blue);
// Dark text on the dark theme's brand colours would be too faint for small letters.
const dark: Theme = { ...createDarkTheme(blue), colorBrandForeground1: blue[110], colorBrandForeground2: blue[120], colorBrandForegroundLink: blue[110] };

export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const changed = () => setMatches(list.matches);
    changed();
    list.addEventListener('change', changed);
    return () => list.removeEventListener('change', changed);
  }, [query]);
  return matches;
}

export function SettingsProvider({ zone: sessionZone, children }: { zone?: string | null; children: ReactNode }) {
  // UTC is what a server says that was told no zone.
  const [zone, keepZone] = useState(() => localStorage.getItem(ZONE_KEY) ?? (sessionZone && sessionZone !== 'UTC' ? sessionZone : browserZone()));
  const [colours, keepColours] = useState<Colours>(() => (localStorage.getItem(COLOURS_KEY) as Colours | null) ?? 'system');
  const darkSystem = useMedia('(prefers-color-scheme: dark)');
  const forced = useMedia('(forced-colors: active)');
  const contrastSystem = useMedia('(forced-colors: active), (prefers-contrast: more)');
  const setZone = useCallback((next: string) => {
    localStorage.setItem(ZONE_KEY, next);
    keepZone(next);
  }, []);
  const setColours = useCallback((next: Colours) => {
    localStorage.setItem(COLOURS_KEY, next);
    keepColours(next);
  }, []);
  const shown = colours === 'system' ? (contrastSystem ? 'contrast' : darkSystem ? 'dark' : 'light') : colours;
  const value = useMemo(() => ({ zone, setZone, colours, setColours, fewColours: forced || shown === 'contrast' }), [zone, setZone, colours, setColours, forced, shown]);
  useEffect(() => {
    document.documentElement.style.colorScheme = shown === 'light' ? 'light' : 'dark';
    document.documentElement.dataset.colours = shown;
  }, [shown]);
  return (
    <Context value={value}>
      <FluentProvider theme={shown === 'contrast' ? teamsHighContrastTheme : shown === 'dark' ? dark : light} dir={direction()}>
        {children}
      </FluentProvider>
    </Context>
  );
}

export function useSettings(): Settings {
  const settings = use(Context);
  if (!settings) throw new Error('useSettings outside SettingsProvider');
  return settings;
}

/** The zone that every time on every page is shown in. */
export const useZone = (): string => useSettings().zone;
