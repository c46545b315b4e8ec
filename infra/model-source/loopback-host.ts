/** Whether a host, with or without a port, is this machine: what runs there is spoken to without TLS. */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host);
}
