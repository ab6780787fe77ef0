import { planOrder } from '../models.ts'
import type { AccountOptions, Plan } from '../types.ts'

const style = `
:root { color-scheme: light dark; --back: #f4f5f7; --card: #fff; --ink: #16191f; --soft: #545b64; --line: #8d99a8;
  --main: #0a5bd3; --on-main: #fff }
@media (prefers-color-scheme: dark) { :root { --back: #10141a; --card: #1b212a; --ink: #eef1f5; --soft: #aab4c0;
  --line: #6b7785; --main: #6aa5ff; --on-main: #06101f } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--back);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 30rem; background: var(--card); border-radius: 0.75rem; padding: 2rem;
  box-shadow: 0 1px 3px #0003 }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25 }
.note { margin: 1.5rem 0 0; color: var(--soft); font-size: 0.875rem }
.code { margin: 1rem 0; font: 600 1.75rem/1.2 ui-monospace, monospace; letter-spacing: 0.1em; text-align: center }
.url { overflow-wrap: anywhere }
label { display: block; margin: 1rem 0 0.25rem; font-weight: 600 }
input, select { width: 100%; padding: 0.6rem 0.75rem; font: inherit; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: 0.4rem }
option { color: initial }
button { width: 100%; margin-top: 1rem; padding: 0.7rem 1rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-main); background: var(--main); border: 1px solid var(--main); border-radius: 0.4rem }
button.quiet { color: var(--ink); background: transparent; border-color: var(--line) }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px }
.buttons { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem }
ul { padding-left: 1.25rem; overflow-wrap: anywhere }
`

/** A whole page of the simulated sign-in. `content` is HTML and must be escaped already. */
export function page(title: string, content: string): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>${escapeHtml(title)} · Simulated sign-in</title><style>${style}</style></head>` +
    `<body><main><h1>${escapeHtml(title)}</h1>${content}` +
    '<p class="note">This is a simulator on your own computer. It has no connection to AWS, Kiro, Google or GitHub, ' +
    'and no real account is involved.</p></main></body></html>'
  )
}

export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replaceAll(/[&<>"']/gu, (character) => entities[character] ?? '')
}

/** Who signs in: the fields of every form that ends in an account. */
export function accountFields(): string {
  const names: Readonly<Record<Plan, string>> = { free: 'Free', pro: 'Pro', 'pro-plus': 'Pro+', power: 'Power' }
  const options = planOrder.map(
    (plan) => `<option value="${plan}"${plan === 'pro' ? ' selected' : ''}>${names[plan]}</option>`,
  )
  return (
    '<label for="email">Sign in as</label>' +
    '<input id="email" name="email" type="email" value="demo@example.com" autocomplete="off">' +
    `<label for="plan">Plan of the account</label><select id="plan" name="plan">${options.join('')}</select>`
  )
}

/** What the fields say; nothing that a form left out. */
export function optionsFromForm(form: URLSearchParams): AccountOptions {
  const email = form.get('email') ?? ''
  const plan = planOrder.find((known) => known === form.get('plan'))
  return { ...(email === '' ? {} : { email }), ...(plan === undefined ? {} : { plan }) }
}
