/** Everything that the pages stand on. */

import { type MantineColorScheme, type MantineColorSchemeManager, MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Announcer } from '@/components/Announcer';
import { useMqttStatusSocket } from '@/hooks/useMqttStatusSocket';
import { useLanguage } from './preferences';
import type { AppRouter } from './router';
import { start } from './start';
import { theme, variables } from './theme';

/** The server keeps the theme; the browser need not. */
const scheme: MantineColorSchemeManager = {
  get: () => start.theme as MantineColorScheme,
  set: () => undefined,
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
};

type Props = {
  client: QueryClient;
  router: AppRouter;
  /** Tests do without transitions. */
  env?: 'default' | 'test';
};

export function App({ client, router, env = 'default' }: Props) {
  return (
    <MantineProvider
      theme={theme}
      env={env}
      cssVariablesResolver={variables}
      defaultColorScheme={start.theme}
      colorSchemeManager={scheme}
    >
      <QueryClientProvider client={client}>
        <Live />
        <RouterProvider router={router} key={useLanguage()} />
        <Announcer />
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Live() {
  useMqttStatusSocket();
  return null;
}
