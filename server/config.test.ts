import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

describe('config', () => {
  it('has defaults under the home directory', () => {
    const config = readConfig({ XDG_CONFIG_HOME: '/home/dev/.config' }, [])
    expect(config.databasePath).toMatch(/Culvert[/\\]culvert\.sqlite3$/u)
    expect(config).toMatchObject({ consoleEnabled: true, printJson: false, endpoints: {}, settingOverrides: {} })
    expect(config.clientKeys).toBeUndefined()
  })

  it.each([
    [{ API_KEY: 'a' }, ['a']],
    [{ OPENAI_KEYS: 'a, b,,c' }, ['a', 'b', 'c']],
    [{ API_KEY: 'x', OPENAI_KEYS: 'y' }, ['x', 'y']],
    [{ OPENAI_KEYS: '' }, []],
    [{ API_KEY: '' }, undefined],
  ])('client keys of %j', (environment, keys) => {
    expect(readConfig(environment, []).clientKeys).toEqual(keys)
  })

  it('lets an argument win over the environment and says where a setting comes from', () => {
    const config = readConfig({ PORT: '9000', HOST: '0.0.0.0', LOG_LEVEL: 'debug' }, ['--port', '0'])
    expect(config.settingOverrides).toEqual({ port: 0, host: '0.0.0.0', logLevel: 'debug' })
    expect(config.overrideSources).toEqual({ port: '--port', host: 'HOST', logLevel: 'LOG_LEVEL' })
  })

  it.each([
    [{ PORT: 'http' }, [], /PORT/u],
    [{ PORT: '70000' }, [], /PORT/u],
    [{ AMAZONQ_API_ENDPOINT: 'ftp://x' }, [], /AMAZONQ_API_ENDPOINT/u],
    [{ LOG_LEVEL: 'loud' }, [], /LOG_LEVEL/u],
    [{ DATABASE_URL: 'postgres://x' }, [], /SQLite only/u],
    [{}, ['--port', 'x'], /--port/u],
    [{}, ['--unknown'], /--unknown/u],
    [{}, ['stray'], /stray/u],
  ])('refuses %j %j', (environment, argv, message) => {
    const read = () => readConfig(environment, argv)
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(message)
  })

  it('drops the slash at the end of an endpoint and reads the bootstrap account', () => {
    const config = readConfig(
      { AMAZONQ_TOKEN_ENDPOINT: 'http://127.0.0.1:1/oidc/', AMAZONQ_REFRESH_TOKEN: 'r', AMAZONQ_CLIENT_ID: 'c' },
      [],
    )
    expect(config.endpoints).toEqual({ amazonQToken: 'http://127.0.0.1:1/oidc' })
    expect(config.bootstrap).toEqual({ refreshToken: 'r', clientId: 'c' })
  })
})
