// Entry of the page: theme before the first paint, then the connection and the app.
import './styles.ts';
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { connectPage } from '../api/connect.ts';
import { App } from './App.tsx';
import { applyTheme, followSystemTheme, rememberedTheme } from './theme.ts';

z.config({ jitless: true }); // the content policy forbids eval, which the faster way would try
applyTheme(rememberedTheme());
followSystemTheme();
const root = document.getElementById('root');
if (root) createRoot(root).render(<App connection={connectPage()} />);
