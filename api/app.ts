import type { OpenAPIHono } from '@hono/zod-openapi';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { SlipwayError } from '../domain/errors.ts';
import { newId } from '../infra/ids.ts';
import { createApiMetrics } from '../infra/metrics.ts';
import { type ApiContext, type ApiDeps, type ApiEnv, createRouter, type RouteDeps } from './context.ts';
import { authenticate } from './middleware/authenticate.ts';
import { checkHost } from './middleware/check-host.ts';
import { limitBody } from './middleware/limit-body.ts';
import { limitRate } from './middleware/limit-rate.ts';
import { observe } from './middleware/observe.ts';
import { rememberAnswers } from './middleware/remember-answers.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { describeApi } from './openapi-document.ts';
import { headersOf, isUnexpected, RequestError, toProblem } from './problem.ts';
import { componentRoutes } from './routes/components.ts';
import { connectionRoutes } from './routes/connections.ts';
import { deploymentActionRoutes } from './routes/deployment-actions.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { designEvaluationRoutes } from './routes/design-evaluation.ts';
import { designRevisionRoutes } from './routes/design-revisions.ts';
import { designRoutes } from './routes/designs.ts';
import { docsRoutes } from './routes/docs.ts';
import { eventStreamRoutes } from './routes/event-stream.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { operationChoiceRoutes } from './routes/operation-choices.ts';
import { operationControlRoutes } from './routes/operation-control.ts';
import { operationStreamRoutes } from './routes/operation-stream.ts';
import { operationRoutes } from './routes/operations.ts';
import { lineageRoutes } from './routes/lineage.ts';
import { modelComparisonRoutes } from './routes/model-comparison.ts';
import { modelDraftMemberRoutes } from './routes/model-draft-members.ts';
import { modelDraftRoutes } from './routes/model-drafts.ts';
import { modelGenerationRoutes } from './routes/model-generations.ts';
import { modelMemberRoutes } from './routes/model-members.ts';
import { modelRoutes } from './routes/models.ts';
import { planRoutes } from './routes/plans.ts';
import { registryRoutes } from './routes/registry.ts';
import { registryExportRoutes } from './routes/registry-exports.ts';
import { relationshipRoutes } from './routes/relationships.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { schemaRoutes } from './routes/schemas.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { createStreams } from './streams/streams.ts';

/** The HTTP API over what it is given. It keeps no state: any number of them may serve one installation. */
export function createApi(deps: ApiDeps) {
  const metrics = createApiMetrics(deps.database);
  const streams = createStreams({ ...deps, metrics });
  const app = createRouter();

  app.use(requestId({ limitLength: 64, generator: () => newId('req') }));
  app.use(observe({ log: deps.log, metrics }));
  app.use(securityHeaders);
  app.use(checkHost(deps.config));
  app.use(authenticate(deps.config));
  app.use(limitRate(deps.config));
  app.use(methodNotAllowed({ app, onMethodNotAllowed: refuseMethod }));
  app.use(limitBody);
  app.use(rememberAnswers(deps));

  app.onError((error, c) => {
    if (isUnexpected(error)) deps.log.error({ err: error, requestId: c.get('requestId') }, 'unexpected failure');
    return answerProblem(c, error);
  });
  app.notFound((c) =>
    answerProblem(
      c,
      new SlipwayError('notFound', `there is nothing at ${c.req.path}`, { fix: 'See /docs for all paths.' }),
    ),
  );

  const api = mountRoutes(app, { ...deps, metrics, streams });
  api.get('/openapi.json', (c) => c.json(describeApi(app)));
  return Object.assign(api, { closeStreams: () => streams.close() });
}

function mountRoutes(app: OpenAPIHono<ApiEnv>, deps: RouteDeps) {
  return app
    .route('/', healthRoutes(deps))
    .route('/', docsRoutes())
    .route('/', schemaRoutes())
    .route('/', designRoutes(deps))
    .route('/', designRevisionRoutes(deps))
    .route('/', designEvaluationRoutes(deps))
    .route('/', connectionRoutes(deps))
    .route('/', deploymentRoutes(deps))
    .route('/', deploymentActionRoutes(deps))
    .route('/', planRoutes(deps))
    .route('/', operationRoutes(deps))
    .route('/', operationControlRoutes(deps))
    .route('/', operationChoiceRoutes(deps))
    .route('/', operationStreamRoutes(deps))
    .route('/', eventStreamRoutes(deps))
    .route('/', eventRoutes(deps))
    .route('/', modelRoutes(deps))
    .route('/', modelMemberRoutes(deps))
    .route('/', modelComparisonRoutes(deps))
    .route('/', componentRoutes(deps))
    .route('/', relationshipRoutes(deps))
    .route('/', registryRoutes(deps))
    .route('/', registryExportRoutes(deps))
    .route('/', lineageRoutes(deps))
    .route('/', modelDraftRoutes(deps))
    .route('/', modelDraftMemberRoutes(deps))
    .route('/', uploadRoutes(deps))
    .route('/', modelGenerationRoutes(deps))
    .route('/', scheduleRoutes(deps));
}

/** For typed clients: `hc<Api>(address)`. */
export type Api = ReturnType<typeof mountRoutes>;

function answerProblem(c: ApiContext, error: unknown): Response {
  const { status, problem } = toProblem(error, { path: c.req.path, requestId: c.get('requestId') });
  return c.body(JSON.stringify(problem), {
    status,
    headers: { ...headersOf(error), 'Content-Type': 'application/problem+json' },
  });
}

function refuseMethod(c: ApiContext, methods: readonly string[]): Response {
  const allowed = methods.join(', ');
  return answerProblem(
    c,
    new RequestError(405, `${c.req.method} is not possible here`, {
      code: 'unsupported',
      headers: { Allow: allowed },
      fix: `Possible here: ${allowed}`,
    }),
  );
}
