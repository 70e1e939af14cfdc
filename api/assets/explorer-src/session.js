// Who is signed in. Tokens live in this closure only: never in storage, a cookie or the address bar.
const CREATE = `mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) {
  session { accessToken refreshToken expiresAt } userErrors { code message } } }`;
const REFRESH = `mutation ($input: SessionRefreshInput!) { sessionRefresh(input: $input) {
  session { accessToken refreshToken expiresAt } userErrors { code message } } }`;
const EARLY_MS = 30_000;

export function createSession(endpoint, onChange) {
  let session = null;
  let timer;

  async function run(query, field, input) {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json;q=0.9' },
      body: JSON.stringify({ query, variables: { input } }),
    });
    const body = await answer.json();
    const payload = body.data?.[field];
    const problem = body.errors?.[0] ?? payload?.userErrors?.[0];
    if (problem || !payload?.session) throw new Error(problem?.message ?? `The server answered ${answer.status}.`);
    return payload.session;
  }

  function set(next) {
    clearTimeout(timer);
    session = next;
    if (next) timer = setTimeout(refresh, Math.max(new Date(next.expiresAt) - Date.now() - EARLY_MS, 1_000));
  }

  async function refresh() {
    const before = session;
    try {
      const after = await run(REFRESH, 'sessionRefresh', { refreshToken: before.refreshToken });
      if (session === before) set(after);
    } catch (error) {
      if (session !== before) return;
      set(null);
      onChange(error.message);
    }
  }

  return {
    authorization: () => (session ? { Authorization: `Bearer ${session.accessToken}` } : {}),
    async signIn(input) {
      set(await run(CREATE, 'sessionCreate', input));
      onChange();
    },
    signOut() {
      set(null);
      onChange();
    },
  };
}
