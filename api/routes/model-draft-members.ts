import { createRoute, z } from '@hono/zod-openapi';
import { SlipwayError } from '../../domain/errors.ts';
import { jsonObjectSchema } from '../../domain/json.ts';
import { findMember, type ModelDraft, putMembers, withoutMember } from '../../domain/registry/model-draft.ts';
import type { MemberType, ModelMember } from '../../domain/registry/model-member.ts';
import { changeModelDraft, requireModelDraft } from '../../infra/database/registry/model-drafts.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import {
  componentInputBody,
  componentsOfCrds,
  crdInputBody,
  profileInputBody,
  relationshipInputBody,
  sampleInputBody,
  toComponent,
  toRelationship,
} from '../draft-input.ts';
import { draftAnswer, draftEtag, draftIfMatch, draftParams, editableDraft, toDraftBody } from '../model-drafts.ts';
import { anyObject, jsonAnswer, jsonBody } from '../schemas.ts';

const tags = ['model drafts'];

/** What may be put into a draft by its own path. */
const editable = {
  component: { folder: 'components', title: 'Component' },
  relationship: { folder: 'relationships', title: 'Relationship' },
  profile: { folder: 'profiles', title: 'Profile' },
  sample: { folder: 'samples', title: 'Sample' },
} as const;
type Editable = keyof typeof editable;

const member = z.string().min(1).max(600).openapi({ description: 'kind@apiVersion of a component, else the name' });
const params = draftParams.extend({ member });

function getRoute<Type extends Editable>(type: Type) {
  const { folder, title } = editable[type];
  return createRoute({
    method: 'get',
    path: `/v1/model-drafts/{draft}/${folder}/{member}`,
    operationId: `getDraft${title}`,
    summary: `A ${type} of a draft, whole`,
    tags,
    request: { params },
    responses: { 200: jsonAnswer('It', anyObject) },
  });
}

function putRoute<Type extends Editable, Body extends z.ZodType>(type: Type, schema: Body) {
  const { folder, title } = editable[type];
  return createRoute({
    method: 'put',
    path: `/v1/model-drafts/{draft}/${folder}/{member}`,
    operationId: `putDraft${title}`,
    summary: `Adds a ${type} to a draft, or replaces it`,
    tags,
    request: { params, headers: draftIfMatch, body: jsonBody(schema) },
    responses: { 200: draftAnswer('The draft') },
  });
}

function deleteRoute<Type extends Editable>(type: Type) {
  const { folder, title } = editable[type];
  return createRoute({
    method: 'delete',
    path: `/v1/model-drafts/{draft}/${folder}/{member}`,
    operationId: `deleteDraft${title}`,
    summary: `Takes a ${type} out of a draft`,
    tags,
    request: { params, headers: draftIfMatch },
    responses: { 200: draftAnswer('The draft') },
  });
}

const addCrds = createRoute({
  method: 'post',
  path: '/v1/model-drafts/{draft}/components',
  operationId: 'addDraftComponents',
  summary: 'Adds a component for each served version of CustomResourceDefinitions, or replaces it',
  tags,
  request: { params: draftParams, headers: draftIfMatch, body: jsonBody(crdInputBody) },
  responses: { 200: draftAnswer('The draft') },
});

type Deps = Pick<RouteDeps, 'database'>;
type Place = { readonly draft: string; readonly member: string };
type Change = { readonly draft: string; readonly ifMatch: string | undefined };

/** What a draft holds: each member read, put and taken out by itself. */
export function modelDraftMemberRoutes({ database }: Deps) {
  const put = (change: Change, members: readonly ModelMember[]) =>
    editMembers({ database }, change, (draft) => putMembers(draft.members, members));
  return createRouter()
    .openapi(addCrds, async (c) => {
      const components = componentsOfCrds(c.req.valid('json').crd);
      const members = components.map((definition) => ({ type: 'component' as const, definition }));
      const draft = await put(changeOf(c.req.valid('param'), c.req.valid('header')), members);
      return c.json(toDraftBody(draft), 200, draftEtag(draft));
    })
    .openapi(putRoute('component', componentInputBody), async (c) => {
      const place = c.req.valid('param');
      const definition = toComponent(place.member, c.req.valid('json'));
      const draft = await put(changeOf(place, c.req.valid('header')), [{ type: 'component', definition }]);
      return c.json(toDraftBody(draft), 200, draftEtag(draft));
    })
    .openapi(putRoute('relationship', relationshipInputBody), async (c) => {
      const place = c.req.valid('param');
      const definition = toRelationship(place.member, c.req.valid('json'));
      const draft = await put(changeOf(place, c.req.valid('header')), [{ type: 'relationship', definition }]);
      return c.json(toDraftBody(draft), 200, draftEtag(draft));
    })
    .openapi(putRoute('profile', profileInputBody), async (c) => {
      const place = c.req.valid('param');
      const definition = { name: place.member, ...c.req.valid('json') };
      const draft = await put(changeOf(place, c.req.valid('header')), [{ type: 'profile', definition }]);
      return c.json(toDraftBody(draft), 200, draftEtag(draft));
    })
    .openapi(putRoute('sample', sampleInputBody), async (c) => {
      const place = c.req.valid('param');
      const definition = { name: place.member, ...c.req.valid('json') };
      const draft = await put(changeOf(place, c.req.valid('header')), [{ type: 'sample', definition }]);
      return c.json(toDraftBody(draft), 200, draftEtag(draft));
    })
    .route('/', readRoutes({ database }))
    .route('/', removeRoutes({ database }));
}

function readRoutes({ database }: Deps) {
  const read = async (type: Editable, place: Place) =>
    jsonObjectSchema.parse((await requireMember({ database }, type, place)).definition);
  return createRouter()
    .openapi(getRoute('component'), async (c) => c.json(await read('component', c.req.valid('param')), 200))
    .openapi(getRoute('relationship'), async (c) => c.json(await read('relationship', c.req.valid('param')), 200))
    .openapi(getRoute('profile'), async (c) => c.json(await read('profile', c.req.valid('param')), 200))
    .openapi(getRoute('sample'), async (c) => c.json(await read('sample', c.req.valid('param')), 200));
}

function removeRoutes({ database }: Deps) {
  const remove = (type: Editable, place: Place, headers: Headers) =>
    editMembers({ database }, changeOf(place, headers), (draft) => {
      if (findMember(draft.members, type, place.member) === undefined) throw noMember(type, place);
      return withoutMember(draft.members, type, place.member);
    });
  return createRouter()
    .openapi(deleteRoute('component'), async (c) => {
      const draft = await remove('component', c.req.valid('param'), c.req.valid('header'));
      return c.json(toDraftBody(draft), 200, draftEtag(draft));
    })
    .openapi(deleteRoute('relationship'), async (c) => {
      const draft = await remove('relationship', c.req.valid('param'), c.req.valid('header'));
      return c.json(toDraftBody(draft), 200, draftEtag(draft));
    })
    .openapi(deleteRoute('profile'), async (c) => {
      const draft = await remove('profile', c.req.valid('param'), c.req.valid('header'));
      return c.json(toDraftBody(draft), 200, draftEtag(draft));
    })
    .openapi(deleteRoute('sample'), async (c) => {
      const draft = await remove('sample', c.req.valid('param'), c.req.valid('header'));
      return c.json(toDraftBody(draft), 200, draftEtag(draft));
    });
}

type Headers = z.infer<typeof draftIfMatch>;

function changeOf({ draft }: { readonly draft: string }, headers: Headers): Change {
  return { draft, ifMatch: headers['if-match'] };
}

async function editMembers(
  { database }: Deps,
  change: Change,
  edit: (draft: ModelDraft) => readonly ModelMember[],
): Promise<ModelDraft> {
  const draft = await editableDraft(database, change);
  return changeModelDraft(database, draft, { members: edit(draft) });
}

async function requireMember({ database }: Deps, type: MemberType, place: Place): Promise<ModelMember> {
  const { members } = await requireModelDraft(database, place.draft);
  const found = findMember(members, type, place.member);
  if (found === undefined) throw noMember(type, place);
  return found;
}

function noMember(type: MemberType, { draft, member: key }: Place): SlipwayError {
  return new SlipwayError('notFound', `draft ${draft} has no ${type} ${key}`, {
    fix: `See what it has: GET /v1/model-drafts/${draft}`,
  });
}
