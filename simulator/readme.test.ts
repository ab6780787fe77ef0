import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faultNames } from './faults.ts'
import { scenarioNames } from './scenarios/index.ts'

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')

describe('README', () => {
  it('names every scenario and every fault', () => {
    const names = [...scenarioNames.filter((name) => name !== 'bench'), ...faultNames]
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
  })
})
