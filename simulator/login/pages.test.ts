import { describe, expect, it } from 'vitest'
import { escapeHtml, optionsFromForm, page } from './pages.ts'

describe('login/pages', () => {
  it('escapes what came from outside', () => {
    expect(escapeHtml(`<a href="x" title='y'>&`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;')
    expect(page('<script>', '')).not.toContain('<script>')
  })

  it('says on every page that it is a simulator', () => {
    expect(page('Title', '')).toContain('This is a simulator on your own computer.')
    expect(page('Title', '')).toContain('<html lang="en">')
  })

  it('takes only known plans from a form', () => {
    expect(optionsFromForm(new URLSearchParams({ email: 'a@example.com', plan: 'power' }))).toEqual({
      email: 'a@example.com',
      plan: 'power',
    })
    expect(optionsFromForm(new URLSearchParams({ plan: 'gold' }))).toEqual({})
  })
})
