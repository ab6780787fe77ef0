import type { AddressInfo } from 'node:net'
import { createFacade } from './facade.ts'
import { createSimulatorServer } from './server.ts'
import type { Simulator, SimulatorOptions } from './types.ts'
import { createWorld } from './world.ts'

export type * from './types.ts'
export type { Fault, FaultName } from './faults.ts'
export type { ScriptedFrame } from './frames.ts'
export type { Behaviour, BehaviourChanges, Pace, PaceChanges } from './configuration.ts'
export type { Counts, Endpoint, Operation, Outcome, ReceivedRequest } from './state/received.ts'

/** Starts all simulated services on one port. Rejects when the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const host = options.host ?? '127.0.0.1'
  const world = createWorld(options)
  const server = createSimulatorServer(world)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  world.url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const simulator = createFacade(world, options, async () => {
    world.wheels.stop()
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  world.simulator = simulator
  return simulator
}
