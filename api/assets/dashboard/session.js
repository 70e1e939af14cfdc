// Who is signed in, and how the API is asked. Tokens live in this closure alone: never in storage, a cookie or the
// address bar, so that closing the page forgets them.
import { REFRESH, SIGN_IN, SIGN_OUT } from './operations.js';

const ENDPOINT = '/graphql';
const EARLY_MS = 30_000;
const JSON_TYPES = 'application/graphql-response+json, application/json;q=0.9';

export class Refused extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

export function createSession(onEnd) {
  let tokens = null;
  let renewing = null;

  async function post(query, variables, headers) {
    let answer;
    try {
      answer = await fetch(ENDPOINT, {
        method: 'POST',
        credentials: 'omit',
        headers: { 'content-type': 'application/json', accept: JSON_TYPES, ...headers },
        body: JSON.stringify({ query, variables }),
      });
    } catch {
      throw new Refused('The server cannot be reached.', 'OFFLINE');
    }
    try {
      return await answer.json();
    } catch {
      throw new Refused(`The server answered ${answer.status}.`, 'INTERNAL_SERVER_ERROR');
    }
  }

  async function enter(query, field, input) {
    const body = await post(query, { input }, {});
    const payload = body.data?.[field];
    const wrong = body.errors?.[0] ?? payload?.userErrors?.[0];
    if (wrong || !payload?.session) {
      throw new Refused(wrong?.message ?? 'The server did not answer.', wrong?.extensions?.code ?? wrong?.code);
    }
    tokens = payload.session;
  }

  // One renewal at a time: a refresh token is good once.
  async function renew() {
    const before = tokens;
    renewing ??= enter(REFRESH, 'sessionRefresh', { refreshToken: before.refreshToken }).finally(() => {
      renewing = null;
    });
    try {
      await renewing;
    } catch (error) {
      if (error.code !== 'OFFLINE' && tokens === before) end('Your session has ended. Please sign in again.');
      throw error;
    }
  }

  function end(why) {
    tokens = null;
    onEnd(why);
  }

  async function authorization() {
    if (!tokens) throw new Refused('Sign in first.', 'UNAUTHENTICATED');
    if (new Date(tokens.expiresAt) - Date.now() < EARLY_MS) await renew();
    return { authorization: `Bearer ${tokens.accessToken}` };
  }

  return {
    signIn: (input) => enter(SIGN_IN, 'sessionCreate', input),

    async signOut(session) {
      try {
        if (session) await this.ask(SIGN_OUT, { input: { id: session } });
      } catch {
        // it ends by itself; this page forgets it in any case
      }
      end('');
    },

    // Data and errors, as they come: parts of an answer may fail while others stand.
    async ask(query, variables = {}) {
      const body = await post(query, variables, await authorization());
      const code = body.errors?.[0]?.extensions?.code;
      if (code === 'UNAUTHENTICATED') end('Your session has ended. Please sign in again.');
      if (!body.data) throw new Refused(body.errors?.[0]?.message ?? 'The server did not answer.', code);
      return body;
    },

    // A subscription as server-sent events; resolves when it ends.
    async follow(query, variables, signal, heard) {
      const answer = await fetch(ENDPOINT, {
        method: 'POST',
        credentials: 'omit',
        signal,
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...(await authorization()) },
        body: JSON.stringify({ query, variables }),
      });
      if (!answer.ok || !answer.body) throw new Refused(`The server answered ${answer.status}.`, 'STREAM');
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        const events = (rest + value).split('\n\n');
        rest = events.pop();
        for (const event of events) {
          if (!event.includes('event: next')) continue;
          const line = event.split('\n').find((text) => text.startsWith('data: '));
          if (line) heard(JSON.parse(line.slice(6)));
        }
      }
    },
  };
}
