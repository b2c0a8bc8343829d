/** The addresses of the application. Each page is its own piece, fetched when it is first needed. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  type RouterHistory,
  redirect,
} from '@tanstack/react-router';
import { Loading } from '@/components/states';
import { connectionsSearch } from '@/pages/connections/search';
import { dataloggerSearch } from '@/pages/datalogger/search';
import { logsSearch } from '@/pages/logs/search';
import { newcomersSearch } from '@/pages/newcomers/search';
import { noticesSearch } from '@/pages/notices/search';
import { overviewSearch } from '@/pages/overview/search';
import { mappingSearch, parsersSearch } from '@/pages/parsers/search';
import { settingsSearch } from '@/pages/settings/search';
import { siteSearch } from '@/pages/site/search';
import { systemSearch } from '@/pages/system/search';
import { topicsSearch } from '@/pages/topics/search';
import { devicesSearch } from '@/plugins/devices/search';
import { RouteError } from './RouteError';
import { Shell } from './Shell';

const root = createRootRoute({ component: Shell, notFoundComponent: () => <Navigate to="/" replace /> });

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: overviewSearch,
  component: lazyRouteComponent(() => import('@/pages/overview/OverviewPage'), 'OverviewPage'),
});

const site = createRoute({
  getParentRoute: () => root,
  path: '/sites/$id',
  validateSearch: siteSearch,
  component: lazyRouteComponent(() => import('@/pages/site/SitePage'), 'SitePage'),
});

const devices = createRoute({
  getParentRoute: () => root,
  path: '/devices',
  validateSearch: devicesSearch,
  component: lazyRouteComponent(() => import('@/plugins/devices/DevicesListPage'), 'DevicesListPage'),
});

const newcomers = createRoute({
  getParentRoute: () => root,
  path: '/devices/waiting',
  validateSearch: newcomersSearch,
  component: lazyRouteComponent(() => import('@/pages/newcomers/NewcomersPage'), 'NewcomersPage'),
});

const datalogger = createRoute({
  getParentRoute: () => root,
  path: '/dataloggers/$id',
  validateSearch: dataloggerSearch,
  component: lazyRouteComponent(() => import('@/pages/datalogger/DataloggerPage'), 'DataloggerPage'),
});

const connections = createRoute({
  getParentRoute: () => root,
  path: '/connections',
  validateSearch: connectionsSearch,
  component: lazyRouteComponent(() => import('@/pages/connections/ConnectionsPage'), 'ConnectionsPage'),
});

const topics = createRoute({
  getParentRoute: () => root,
  path: '/topics',
  validateSearch: topicsSearch,
  component: lazyRouteComponent(() => import('@/pages/topics/TopicsPage'), 'TopicsPage'),
});

const logs = createRoute({
  getParentRoute: () => root,
  path: '/logs',
  beforeLoad: () => {
    throw redirect({ to: '/logs/connection' });
  },
});

const connectionLog = createRoute({
  getParentRoute: () => root,
  path: '/logs/connection',
  validateSearch: logsSearch,
  component: lazyRouteComponent(() => import('@/pages/logs/ConnectionLogPage'), 'ConnectionLogPage'),
});

const parsingLog = createRoute({
  getParentRoute: () => root,
  path: '/logs/parsing',
  validateSearch: logsSearch,
  component: lazyRouteComponent(() => import('@/pages/logs/ParsingLogPage'), 'ParsingLogPage'),
});

const parsers = createRoute({
  getParentRoute: () => root,
  path: '/parsers',
  validateSearch: parsersSearch,
  component: lazyRouteComponent(() => import('@/pages/parsers/ParsersPage'), 'ParsersPage'),
});

const mapping = createRoute({
  getParentRoute: () => root,
  path: '/parsers/$id',
  validateSearch: mappingSearch,
  component: lazyRouteComponent(() => import('@/pages/parsers/MappingPage'), 'MappingPage'),
});

const notices = createRoute({
  getParentRoute: () => root,
  path: '/notices',
  validateSearch: noticesSearch,
  component: lazyRouteComponent(() => import('@/pages/notices/NoticesPage'), 'NoticesPage'),
});

const system = createRoute({
  getParentRoute: () => root,
  path: '/system',
  validateSearch: systemSearch,
  component: lazyRouteComponent(() => import('@/pages/system/SystemPage'), 'SystemPage'),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import('@/pages/settings/SettingsPage'), 'SettingsPage'),
});

const routeTree = root.addChildren([
  overview,
  site,
  devices,
  newcomers,
  datalogger,
  connections,
  topics,
  logs,
  connectionLog,
  parsingLog,
  parsers,
  mapping,
  notices,
  system,
  settings,
]);

export function newRouter(history?: RouterHistory) {
  const router = createRouter({
    routeTree,
    ...(history ? { history } : {}),
    defaultPreload: 'intent',
    defaultPendingMs: 150,
    defaultPendingComponent: () => <Loading />,
    defaultErrorComponent: RouteError,
    scrollRestoration: true,
  });
  router.subscribe('onRendered', ({ pathChanged, fromLocation }) => {
    if (pathChanged && fromLocation) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  });
  return router;
}

export type AppRouter = ReturnType<typeof newRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter;
  }
}
