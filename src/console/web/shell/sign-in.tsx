import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useEffect, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { API } from '../api/call.ts';
import { SESSION_KEY, signIn, useSignInOptions } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { sentence } from '../format/sentence.ts';
import { Wordmark } from './wordmark.tsx';

function wordingOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'This browser could not ask the server; reload the page and try again.';
  if (error.status === 401 || error.status === 403)
    return `${sentence(error.message)} Check the key, its secret, and that both are of this server.`;
  if (error.status === 429) return 'Too many attempts; wait a minute and try again.';
  return sentence(error.message);
}

const HOME = '/console/';

/** Exchanges an access key for a session, which the server keeps in a cookie that scripts cannot read. */
export function SignIn(): ReactElement {
  const queries = useQueryClient();
  const options = useSignInOptions();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [temporary, setTemporary] = useState(false);
  // The provider's way back ends at this address, which is no page, when it failed.
  const hasFailed = location.pathname.endsWith('/sign-in');
  useEffect(() => {
    document.title = 'Sign in · Tallyline';
  }, []);

  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    // Read from the form and handed over: a secret is never in the state of a component.
    const fields = new FormData(form);
    const field = (name: string) => String(fields.get(name) ?? '').trim();
    setBusy(true);
    setError(undefined);
    try {
      await signIn({
        accessKeyId: field('accessKeyId'),
        secretAccessKey: field('secretAccessKey'),
        ...(field('sessionToken') && { sessionToken: field('sessionToken') }),
      });
      form.reset();
      if (hasFailed) history.replaceState(null, '', HOME);
      await queries.resetQueries({ queryKey: SESSION_KEY });
    } catch (cause) {
      setError(wordingOf(cause));
      setBusy(false);
    }
  };

  const back = encodeURIComponent(hasFailed ? HOME : location.pathname + location.search);
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <div className="wordmark">
          <Wordmark />
        </div>
        <div>
          <h1>Sign in</h1>
          <p className="soft">See who and what is driving inference spend.</p>
        </div>
        {hasFailed && (
          <p role="alert" className="field-error">
            {sentence('the identity provider did not sign you in: try again, or use an access key')}
          </p>
        )}
        {options?.oidc && (
          <a className="button button-primary" href={`${API}/sign-in/oidc?returnTo=${back}`}>
            Continue with {options.oidcName ?? 'your company account'}
          </a>
        )}
        <form className="stack" onSubmit={(event) => void onSubmit(event)}>
          <Field label="Access key ID">
            <input name="accessKeyId" required autoComplete="username" spellCheck={false} className="mono" />
          </Field>
          <Field label="Secret access key">
            <input name="secretAccessKey" required type="password" autoComplete="current-password" />
          </Field>
          {temporary ? (
            <Field label="Session token" hint="Of temporary credentials, such as those of an assumed role.">
              <input name="sessionToken" type="password" autoComplete="off" />
            </Field>
          ) : (
            <button type="button" className="text-button" onClick={() => setTemporary(true)}>
              These are temporary credentials
            </button>
          )}
          {error && (
            <div className="notice notice-bad" role="alert">
              {error}
            </div>
          )}
          <Button type="submit" look={options?.oidc ? 'plain' : 'primary'} busy={busy}>
            Sign in
          </Button>
        </form>
        <p className="faint small">
          The key is exchanged for a session of this browser and is not kept. Figures are shown as policies allow.
        </p>
      </div>
    </main>
  );
}
