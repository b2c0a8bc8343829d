import './app/mantine.css';
import './app/global.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { keepEarly } from './app/keyboard/early';
import { newQueryClient } from './app/queryClient';
import { newRouter } from './app/router';
import { readStart, start } from './app/start';
import { setLanguage } from './i18n';

keepEarly();
await readStart();
setLanguage(start.language);
const root = document.getElementById('root');
if (root) {
  const client = newQueryClient();
  createRoot(root).render(<App client={client} router={newRouter()} />);
}
