/**
 * Arguments of Node.js for Slipway's own long-running processes. Node lets the space for young objects grow with the memory
 * of the machine, to more than 100 MB already while modules load; this keeps a worker far smaller at no cost in speed that could be seen.
 */
export const serviceNodeArguments: readonly string[] = ['--max-semi-space-size=8'];
