/** One reason of a refusal, as in `details.causes` of a Kubernetes Status. */
export type ApiErrorCause = { readonly reason: string; readonly message: string; readonly field: string };
