import { oc } from '@orpc/contract'
import { managementErrors } from '../errors.ts'

/** What all procedures have in common: how they may fail. */
export const base = oc.errors(managementErrors)
