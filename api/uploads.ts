/** Whether a request sends a file that is streamed, and so never held whole. */
export function isUpload({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return method === 'POST' && path === '/v1/uploads';
}
