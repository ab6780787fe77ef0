import type { AdminDependencies } from './dependencies.ts'
import type { Implementer } from './implementer.ts'
import type { SettingsService } from './settings-service.ts'

/** Settings: `Contract['settings']`. */
export function implementSettings(os: Implementer, { settings }: Pick<AdminDependencies, 'settings'>) {
  return {
    get: os.settings.get.handler(() => view(settings)),
    put: os.settings.put.handler(async ({ input }) => {
      const { overridden: _overridden, override_sources: _sources, ...change } = input
      await settings.put(change)
      return view(settings)
    }),
  }
}

function view(settings: SettingsService) {
  return {
    ...settings.view(),
    overridden: [...settings.overridden],
    override_sources: { ...settings.overrideSources },
  }
}
