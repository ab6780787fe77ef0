import { up as up0001 } from './0001-initial.ts'
import type { Migration } from './migration.ts'

/** All migrations, oldest first. */
export const migrations: readonly Migration[] = [{ name: '0001-initial', up: up0001 }]
