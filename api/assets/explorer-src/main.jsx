// GraphiQL with a sign-in bar. Everything is served by Accord itself; nothing is fetched from elsewhere.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createSession } from './session.js';
import 'graphiql/style.css';
import './explorer.css';

const root = document.getElementById('explorer');
const { endpoint, socket, worker } = root.dataset;
globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(worker, { name: label === 'graphql' || label === 'json' ? label : 'editor' }),
};

const WELCOME = `# Sign in above, then run your first query with Ctrl+Enter.
# Ctrl+Space completes; the book on the left is the reference.

query Me {
  viewer {
    __typename
  }
}
`;

function SignIn({ session, who, notice, onWho }) {
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  if (who) {
    return (
      <form className="accord-bar" onSubmit={(event) => { event.preventDefault(); session.signOut(); }}>
        <strong>Accord</strong>
        <span className="accord-who">{who.email} · {who.organization}</span>
        <button type="submit">Sign out</button>
      </form>
    );
  }
  async function submit(event) {
    event.preventDefault();
    const input = Object.fromEntries(new FormData(event.currentTarget));
    setBusy(true);
    setProblem('');
    try {
      await session.signIn(input);
      onWho({ email: input.email, organization: input.organization });
    } catch (error) {
      setProblem(error.message);
    } finally {
      setBusy(false);
    }
  }
  return (
    <form className="accord-bar" onSubmit={submit}>
      <strong>Accord</strong>
      <input name="email" type="email" required placeholder="E-mail" aria-label="E-mail" autoComplete="username" />
      <input name="password" type="password" required placeholder="Password" aria-label="Password" autoComplete="current-password" />
      <input name="organization" required placeholder="Organization" aria-label="Organization" autoComplete="organization" />
      <button type="submit" disabled={busy}>{busy ? 'Signing in …' : 'Sign in'}</button>
      <span className="accord-problem" role="alert">{problem || notice}</span>
    </form>
  );
}

function Explorer() {
  const [who, setWho] = useState(null);
  const [notice, setNotice] = useState('');
  const client = useRef(null);
  const { session, fetcher } = useMemo(() => {
    const session = createSession(endpoint, (problem) => {
      client.current?.terminate();
      setNotice(problem ?? '');
      setWho(null);
    });
    client.current = createClient({
      url: new URL(socket, location.href.replace(/^http/, 'ws')).href,
      connectionParams: () => session.authorization(),
    });
    const fetcher = createGraphiQLFetcher({
      url: endpoint,
      wsClient: client.current,
      fetch: (url, init) => fetch(url, { ...init, headers: { ...session.authorization(), ...init.headers } }),
    });
    return { session, fetcher };
  }, []);
  // The key makes GraphiQL ask for the schema again: what can be seen depends on who asks.
  return (
    <>
      <SignIn session={session} who={who} notice={notice} onWho={setWho} />
      <main className="accord-graphiql">
        <GraphiQL key={who?.email ?? ''} fetcher={fetcher} defaultQuery={WELCOME} defaultEditorToolsVisibility="variables" />
      </main>
    </>
  );
}

createRoot(root).render(<Explorer />);
