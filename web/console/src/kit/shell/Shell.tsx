// The frame around every page: top bar, menu, main part.
import { memo, startTransition, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { Button, makeStyles, mergeClasses, NavCategory, NavCategoryItem, NavDrawer, NavDrawerBody, NavItem, NavSubItem, NavSubItemGroup, tokens } from '@fluentui/react-components';
import { useHref, useLocation, useNavigate, type NavigateFunction } from 'react-router';
import { defineText } from '@i18n/t';
import { Icon } from '@kit/icons';
import type { PageInfo } from '../../pages/registry';
import { areas } from '../../pages/areas';
import { TopBarMenus } from './TopBarMenus';
import { useMedia } from './settings';

const t = defineText('shell', { product: 'Postroom', center: 'admin center', skip: 'Skip to the page', menu: 'Menu', navigation: 'Pages' });
const MENU_KEY = 'postroom.menu';

const useStyles = makeStyles({
  frame: { display: 'grid', gridTemplateRows: '48px minmax(0, 1fr)', height: '100%', backgroundColor: tokens.colorNeutralBackground2, color: tokens.colorNeutralForeground1 },
  top: { display: 'flex', alignItems: 'center', gap: '4px', paddingInline: '6px', backgroundColor: '#0f548c', color: '#ffffff', position: 'relative', zIndex: 2, '@media (forced-colors: active)': { borderBottomWidth: '1px', borderBottomStyle: 'solid', borderBottomColor: 'CanvasText' } },
  topButton: { color: '#ffffff', ':hover': { color: '#ffffff', backgroundColor: '#115ea3' }, ':hover:active': { color: '#ffffff', backgroundColor: '#0c3b5e' } },
  product: { display: 'flex', alignItems: 'baseline', gap: '8px', fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold, whiteSpace: 'nowrap', color: '#ffffff', textDecorationLine: 'none', paddingInline: '4px', marginInlineEnd: 'auto' },
  center: { fontWeight: tokens.fontWeightRegular, '@media (max-width: 560px)': { display: 'none' } },
  skip: { position: 'absolute', insetInlineStart: '8px', top: '-60px', padding: '8px 16px', backgroundColor: tokens.colorNeutralBackground1, color: tokens.colorNeutralForeground1, zIndex: 10, borderRadius: tokens.borderRadiusMedium, ':focus': { top: '6px' } },
  below: { display: 'flex', minWidth: 0, minHeight: 0, position: 'relative' },
  nav: { width: '236px', height: '100%', flexShrink: 0, borderInlineEndWidth: '1px', borderInlineEndStyle: 'solid', borderInlineEndColor: tokens.colorNeutralStroke2, backgroundColor: tokens.colorNeutralBackground4, zIndex: 1 },
  navBody: { paddingBlock: '8px' },
  main: { flexGrow: 1, minWidth: 0, overflow: 'auto', outlineStyle: 'none', backgroundColor: tokens.colorNeutralBackground1 },
});

export function Shell({ pages, children }: { pages: PageInfo[]; children: ReactNode }) {
  const styles = useStyles();
  const narrow = useMedia('(max-width: 900px)');
  const [wideOpen, setWideOpen] = useState(() => localStorage.getItem(MENU_KEY) !== 'closed');
  const [narrowOpen, setNarrowOpen] = useState(false);
  const open = narrow ? narrowOpen : wideOpen;
  const setOpen = useCallback((next: boolean) => {
    if (narrow) setNarrowOpen(next);
    else {
      setWideOpen(next);
      localStorage.setItem(MENU_KEY, next ? 'open' : 'closed');
    }
  }, [narrow]);
  const close = useCallback(() => setOpen(false), [setOpen]);
  // The page comes first: the menu measures itself and takes as long to draw as a list.
  const [hasMenu, setHasMenu] = useState(false);
  useEffect(() => startTransition(() => setHasMenu(true)), []);
  const { pathname } = useLocation();
  const home = useHref('/');
  const navigate = useNavigate();
  const main = useRef<HTMLElement>(null);
  const current = pages.find((p) => (p.path === '' ? pathname === '/' : pathname === `/${p.path}` || pathname.startsWith(`/${p.path}/`)));
  // On the way to another page, whichever.
  // eslint-disable-next-line react/exhaustive-deps, react/exhaustive-effect-dependencies
  useEffect(() => {
    setNarrowOpen(false);
    main.current?.scrollTo(0, 0);
  }, [current?.path]);
  return (
    <div className={styles.frame}>
      <header className={styles.top}>
        <a href="#main" className={styles.skip} onClick={(e) => { e.preventDefault(); main.current?.focus(); }}>{t('skip')}</a>
        <Button appearance="transparent" className={styles.topButton} icon={<Icon name="menu" />} aria-label={t('menu')} aria-expanded={open} onClick={() => setOpen(!open)} />
        <a href={home} className={styles.product} onClick={(e) => { e.preventDefault(); void navigate('/'); }}>
          {t('product')}<span className={styles.center}>{t('center')}</span>
        </a>
        <TopBarMenus buttonClass={styles.topButton} />
      </header>
      <div className={styles.below}>
        {hasMenu ? <Menu pages={pages} current={current} open={open} overlay={narrow} base={home.replace(/\/$/, '')} navigate={navigate} onClose={close} /> : open && !narrow && <div className={styles.nav} />}
        <main id="main" ref={main} tabIndex={-1} className={styles.main}>{children}</main>
      </div>
    </div>
  );
}

interface MenuProps { pages: PageInfo[]; current: PageInfo | undefined; open: boolean; overlay: boolean; base: string; navigate: NavigateFunction; onClose: () => void }

/** Drawn again for another page only: it measures itself each time, which a filter that is typed into the address must not wait for. */
const Menu = memo(function Menu({ pages, current, open, overlay, base, navigate, onClose }: MenuProps) {
  const styles = useStyles();
  const go = (path: string) => (event: { preventDefault: () => void; ctrlKey?: boolean; metaKey?: boolean }) => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    void navigate(`/${path}`);
    if (overlay) onClose();
  };
  // A page that a pointer rests on is about to be opened.
  const link = (page: PageInfo) => ({ value: page.path, href: `${base}/${page.path}`, onClick: go(page.path), onPointerEnter: () => void page.view.fetch(), 'aria-current': current?.path === page.path ? ('page' as const) : undefined });
  return (
    <NavDrawer
      type={overlay ? 'overlay' : 'inline'} open={open} onOpenChange={(_, data) => !data.open && onClose()} className={mergeClasses(styles.nav)} density="medium"
      selectedValue={current?.path ?? ''} selectedCategoryValue={current?.area?.id ?? ''} defaultOpenCategories={areas.map((a) => a.id)} multiple aria-label={t('navigation')}
      role={overlay ? 'dialog' : 'navigation'}
    >
      <NavDrawerBody className={styles.navBody} {...(overlay ? { role: 'navigation', 'aria-label': t('navigation') } : {})}>
        {pages.filter((p) => !p.area).map((page) => <NavItem key={page.path} {...link(page)} icon={<Icon name={page.icon} />}>{page.title()}</NavItem>)}
        {areas.filter((area) => pages.some((p) => p.area === area)).map((area) => (
          <NavCategory key={area.id} value={area.id}>
            <NavCategoryItem icon={<Icon name={area.icon} />}>{area.title()}</NavCategoryItem>
            <NavSubItemGroup>
              {pages.filter((p) => p.area === area).map((page) => <NavSubItem key={page.path} {...link(page)}>{page.title()}</NavSubItem>)}
            </NavSubItemGroup>
          </NavCategory>
        ))}
      </NavDrawerBody>
    </NavDrawer>
  );
});
