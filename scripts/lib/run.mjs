import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Runs a program, collecting what it prints. Resolves with `{ code, output }`; code is 127 when it can't be started.
 * Standard input is closed. `timeout` (ms) ends it.
 */
export function collect(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.setEncoding('utf8')
    child.stderr.setEncoding('utf8')
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: 127, output: error.message }))
    child.on('close', (code, signal) => resolve({ code: code ?? signalCode(signal), output }))
  })
}

/**
 * Runs a program in the foreground of this one: same terminal, signals passed on. Resolves with its exit code
 * (128 + n when signal n ended it).
 */
export function inForeground(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options })
    // A Ctrl-C in a terminal reaches the whole group by itself; passing it on too would look like a second one.
    const forward = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, forward)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      for (const one of signals) process.off(one, forward)
      resolve(code ?? signalCode(signal))
    })
  })
}

function signalCode(signal) {
  return 128 + (constants.signals[signal] ?? 0)
}
