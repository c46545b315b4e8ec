import { z } from 'zod';
import { parseAnswer, type RequestOptions, type Transport } from './transport.ts';

/** What the connection's user wants to do. `resource` is the plural; empty strings mean all, as in Kubernetes. */
export type AccessQuestion = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
};

const answerSchema = z.object({
  status: z.object({
    allowed: z.boolean(),
    denied: z.boolean().optional(),
    reason: z.string().optional(),
    evaluationError: z.string().optional(),
  }),
});

export type AccessAnswer = z.infer<typeof answerSchema>['status'];

const names = z.array(z.string()).nullish();
const rulesSchema = z.object({
  status: z.object({
    resourceRules: z
      .array(z.object({ verbs: z.array(z.string()), apiGroups: names, resources: names, resourceNames: names }))
      .nullish(),
    nonResourceRules: z.array(z.object({ verbs: z.array(z.string()), nonResourceURLs: names })).nullish(),
    /** True where an authorizer, such as a webhook, cannot list its rules. */
    incomplete: z.boolean(),
  }),
});

export type AccessRules = z.infer<typeof rulesSchema>['status'];

/** Whether the connection's user may do it. */
export async function reviewAccess(
  transport: Transport,
  question: AccessQuestion,
  options: RequestOptions = {},
): Promise<AccessAnswer> {
  const answer = await postReview(transport, options, {
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: question },
  });
  return parseAnswer(answer, answerSchema).status;
}

/** What the connection's user may do in a namespace. */
export async function reviewRules(
  transport: Transport,
  namespace: string,
  options: RequestOptions = {},
): Promise<AccessRules> {
  const answer = await postReview(transport, options, { kind: 'SelfSubjectRulesReview', spec: { namespace } });
  return parseAnswer(answer, rulesSchema).status;
}

type Review = { readonly kind: 'SelfSubjectAccessReview' | 'SelfSubjectRulesReview'; readonly spec: object };

/** A review is stored nowhere, so asking twice does no harm. */
function postReview(transport: Transport, options: RequestOptions, review: Review): ReturnType<Transport['send']> {
  return transport.send({
    ...options,
    method: 'POST',
    path: `/apis/authorization.k8s.io/v1/${review.kind.toLowerCase()}s`,
    body: JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', ...review }),
    repeatable: true,
  });
}
