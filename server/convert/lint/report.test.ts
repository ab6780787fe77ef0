import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { image, requestWith, text, tool, user } from '../../../tests/support/amazon-q/lint-case.ts'
import { formatLintReport, lintReport } from './report.ts'
import { lintRules } from './rules.ts'

describe('report', () => {
  it('lists what would be changed, with the rule in words', () => {
    const request = requestWith({
      tools: [tool('Bash', { description: '' })],
      messages: [user(image('', 'image/png'))],
    })
    const report = lintReport(request)
    expect(report.repairs.map(({ rule }) => rule)).toEqual(['tool-description-empty', 'unsupported-image'])
    expect(formatLintReport(report)).toBe(
      'The request would be sent with 2 changes:\n' +
        '  tool-description-empty at tools.0\n' +
        '    A tool has no description. Its name becomes the description.\n' +
        '  unsupported-image at messages.0 (it is empty)\n' +
        '    An image is a link, is larger than 10,000,000 characters, or has a format other than PNG, JPEG, GIF and WebP. ' +
        'A note stands in its place.\n',
    )
  })

  it('says that nothing would be changed', () => {
    const report = lintReport(requestWith({ messages: [user(text('Hello'))] }))
    expect(report).toEqual({ repairs: [] })
    expect(formatLintReport(report)).toBe('The request is fine: nothing would be changed.\n')
  })

  it('says why a request would be refused, and where', () => {
    const report = lintReport(requestWith({ messages: [] }))
    expect(report).toEqual({
      repairs: [],
      refusal: { message: expect.stringContaining('no messages'), where: 'messages' },
    })
    expect(formatLintReport(report)).toMatch(/^The request would be refused \(messages\)\.\n {2}The request has no/u)
  })
})

describe('rules', () => {
  const page = readFileSync(new URL('../../../docs/linter.md', import.meta.url), 'utf8')

  it('have names of their own', () => {
    expect(new Set(lintRules.map(({ name }) => name)).size).toBe(lintRules.length)
  })

  it('are the headings of docs/linter.md, in the same order', () => {
    expect([...page.matchAll(/^### (.+)$/gmu)].map(([, name]) => name)).toEqual(lintRules.map(({ name }) => name))
  })

  it.each(lintRules)('$name is described as the table has it', ({ name, finds, remedy, source }) => {
    const section = page.split(/^#{2,3} /mu).find((part) => part.startsWith(`${name}\n`)) ?? ''
    expect(section).toContain(finds)
    expect(section).toContain(remedy)
    expect(section).toMatch(/^- Why: .+\.$/mu)
    expect(section).toContain(`- Source: ${source}\n`)
    expect(section).toMatch(/^- Example: \S/mu)
  })
})
