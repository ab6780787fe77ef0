import type { Database } from './database.ts'
import { attempt } from './store-error.ts'
import type { Store } from './types.ts'

/** The table of calibration factors. Learnt anew when lost, so it is never synced to disk on its own. */
export function createCalibrationRepository(database: Database): Store['calibration'] {
  return {
    all: () =>
      attempt('read the calibration of token counts', async () => {
        const rows = await database.selectAll('calibration')
        return new Map(rows.map(({ model, factor, samples }) => [model, { factor, samples }]))
      }),

    put: (model, factor, samples) =>
      attempt('save the calibration of token counts', () =>
        database.upsertRows('calibration', 'model', [{ model, factor, samples }]),
      ),
  }
}
