import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/api-error.ts';
import { whenSignedOut } from './api/call.ts';
import { forgetSession } from './api/session.ts';
import { Toasts } from './components/toast.tsx';
import { onKeyDown } from './keyboard/shortcuts.ts';
import { router } from './router.tsx';
import './theme/tokens.css';
import './theme/base.css';
import './theme/shell.css';
import './theme/controls.css';
import './theme/data.css';
import './theme/print.css';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && error instanceof ApiError && error.isPassing,
    },
  },
});

whenSignedOut(() => forgetSession(queries));
document.addEventListener('keydown', onKeyDown);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
);
