import type { z } from 'zod';
import { SlipwayError } from '../domain/errors.ts';
import type { Finding } from '../domain/finding.ts';
import { hasErrors } from '../domain/finding.ts';
import { evaluationSchema } from '../domain/relationship/evaluation.ts';
import { designSummarySchema, validationSchema } from './api-schemas.ts';
import type { DesignSummary } from './api-schemas.ts';
import { apiPath } from './client.ts';
import type { Client } from './client.ts';
import { readDesignSource } from './design-source.ts';
import type { DesignSource } from './design-source.ts';
import type { RemoteInvocation } from './invocation.ts';
import { renderFinding } from './output/errors.ts';
import { count } from './output/text.ts';

export type Validation = z.infer<typeof validationSchema>;

/** Checks a design without storing it. Findings name the files of the user. */
export async function validateSource(client: Client, source: DesignSource, name?: string): Promise<Validation> {
  return located(source, async () => {
    const answer = await client.post({
      schema: validationSchema,
      path: apiPath('designs', 'validate'),
      query: { name, fileName: source.fileName },
      content: source.content,
    });
    return { ...answer, findings: answer.findings.map(source.locate) };
  });
}

/** What relationships say of a design that is not stored. */
export async function evaluateSource(
  client: Client,
  source: DesignSource,
  query: { readonly disabled: string | undefined; readonly trace: boolean },
): Promise<z.infer<typeof evaluationSchema>> {
  return located(source, () =>
    client.post({
      schema: evaluationSchema,
      path: apiPath('designs', 'evaluate'),
      query: { ...query, fileName: source.fileName },
      content: source.content,
    }),
  );
}

/** Stores a new design. Throws `conflict` when the name is taken. */
export async function createDesign(client: Client, source: DesignSource, name?: string): Promise<DesignSummary> {
  return located(source, () =>
    client.post({
      schema: designSummarySchema,
      path: apiPath('designs'),
      query: { name, fileName: source.fileName },
      content: source.content,
    }),
  );
}

/** Stores a new revision of a design; one that changes nothing makes none. */
export async function updateDesign(client: Client, source: DesignSource, name: string): Promise<DesignSummary> {
  const current = await client.call('GET', { schema: designSummarySchema, path: apiPath('designs', name) });
  return located(source, () =>
    client.put({
      schema: designSummarySchema,
      path: apiPath('designs', name),
      query: { fileName: source.fileName },
      content: source.content,
      headers: { 'if-match': current.headers.get('etag') ?? '*' },
    }),
  );
}

/** Creates the design, or updates the one of its name. Throws `invalid` with every finding before anything is stored. */
export async function applyDesign(client: Client, source: DesignSource, given?: string): Promise<DesignSummary> {
  const { design, findings } = await validateSource(client, source, given);
  if (hasErrors(findings) || design === null) {
    throw new SlipwayError('invalid', 'the design has errors', { findings, fix: 'correct the places named above' });
  }
  try {
    return await updateDesign(client, source, given ?? design.name);
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'notFound') throw error;
    return createDesign(client, source, given ?? design.name);
  }
}

export type DesignFlags = {
  readonly file?: string | undefined;
  readonly name?: string | undefined;
  readonly revision?: string | undefined;
};

export type ChosenDesign = { readonly design: string; readonly revision?: number };

/** The design that a command is about: the one that is named, or the file, which is stored first. */
export async function chooseDesign(call: RemoteInvocation<DesignFlags>): Promise<ChosenDesign> {
  const [name] = call.args;
  const { file, revision } = call.flags;
  if ((name === undefined) === (file === undefined)) {
    throw new SlipwayError('invalid', 'name either a stored design or a file', { fix: 'DESIGN, or -f FILE' });
  }
  if (file === undefined)
    return { design: name ?? '', ...(revision === undefined ? {} : { revision: revisionOf(revision) }) };
  const stored = await applyDesign(call.client, await readDesignSource(call.shell, file), call.flags.name);
  sayFindings(call, stored.findings);
  call.say(`design ${stored.name}, revision ${stored.revision}, ${count(stored.componentCount, 'component')}`);
  return { design: stored.name, revision: stored.revision };
}

/** The name of the design that a command is about; a file is only read for its name. */
export async function designNameOf(call: RemoteInvocation<DesignFlags>): Promise<string> {
  const [name] = call.args;
  const { file, name: given } = call.flags;
  if (name !== undefined) return name;
  if (given !== undefined) return given;
  if (file === undefined) throw new SlipwayError('invalid', 'name a design or a file', { fix: 'DESIGN, or -f FILE' });
  const { design, findings } = await validateSource(call.client, await readDesignSource(call.shell, file));
  if (design !== null) return design.name;
  throw new SlipwayError('invalid', `${file} has no name that can be read`, { findings, fix: 'give --name NAME' });
}

/** The number of a revision; throws `invalid` for anything else. */
export function revisionOf(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new SlipwayError('invalid', `"${text}" is not a revision`, { fix: 'slipway design revisions DESIGN' });
}

export function sayFindings(
  call: Pick<RemoteInvocation<unknown>, 'say' | 'paint'>,
  findings: readonly Finding[],
): void {
  findings.flatMap((finding) => renderFinding(finding, call.paint)).forEach(call.say);
}

async function located<T>(source: DesignSource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.findings.length === 0) throw error;
    throw new SlipwayError(error.code, error.message, {
      ...(error.fix === undefined ? {} : { fix: error.fix }),
      findings: error.findings.map(source.locate),
      details: error.details,
    });
  }
}
