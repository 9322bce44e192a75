// Words of the page Sessions.
import { defineText } from '@i18n/t';

export const t = defineText('roles.sessions', {
  title: 'Sessions', lead: 'Who is signed in to this console, from where, and until when. A session ends 30 minutes after its last use, 8 hours after it began, and when the password changes.',
  failed: 'The sessions could not be read', empty: 'Nobody is signed in with a browser. Who signs in at each call, such as a script, has no session.', refresh: 'Refresh', export: 'Export list', end: 'Sign out …', endAll: 'Sign out everywhere …',
  user: 'User', address: 'Address', browser: 'Browser', agent: 'What the browser says of itself', signedIn: 'Signed in, {zone}', lastUsed: 'Last used, {zone}', idleEnd: 'Ends if not used, {zone}', last: 'Ends in any case, {zone}', current: 'This one', yes: 'Yes', id: 'Session', lookUps: 'What they did',
  endTitle: { one: 'Sign out of {n} session?', other: 'Sign out of {n} sessions?' }, endText: 'The next click there leads to signing in. What runs already, runs to its end.', ownText: 'Your own session is among them: you will have to sign in again.', endAllTitle: 'Sign {user} out everywhere?', endConfirm: 'Sign out', done: { one: 'The session is signed out.', other: '{n} sessions are signed out.' },
});
