import { type Finding, hasErrors } from '../../domain/finding.ts';
import { registryLimits } from '../../domain/registry/limits.ts';
import type { ModelMember } from '../../domain/registry/model-member.ts';
import { formatModelReference, type Registrant } from '../../domain/registry/model.ts';
import { putAttachment } from '../../infra/database/registry/attachments.ts';
import type { Database } from '../../infra/database/database.ts';
import { stageModel } from '../../infra/database/registry/stage-model.ts';
import type { ExtractedMember, ExtractedModel, Extraction } from '../../infra/model-source/extracted.ts';
import type { SourceStep } from './source-step.ts';

/** What came out of a source, stored where nobody sees it yet. */
export type StagedExtraction = {
  readonly modelCount: number;
  readonly memberCount: number;
  /** Entities that cannot be stored; each has findings. */
  readonly rejectedCount: number;
  /** The first of all findings. */
  readonly findings: readonly Finding[];
};

export type Staging = {
  readonly database: Database;
  readonly operationId: string;
  readonly position: number;
  readonly actor: string;
  /** The source in a few words. */
  readonly source: string;
  readonly registrant: Registrant;
  /** Whether to go on storing when something is wrong; else the rest is only read, to find all that is. */
  readonly partial: boolean;
  readonly step: SourceStep;
  readonly signal: AbortSignal;
};

/** Members of one write: all that memory holds of a source. */
const batchSize = 200;

/** Stores what a source gives, as it comes. Throws what the source, the database and the signal throw. */
export async function stageExtraction(staging: Staging, extraction: Extraction): Promise<StagedExtraction> {
  const stage = new ExtractionStage(staging);
  for await (const part of extraction) {
    staging.signal.throwIfAborted();
    if ('findings' in part) stage.find(part.findings);
    else await stage.addModel(part);
  }
  return stage.result();
}

class ExtractionStage {
  readonly #staging: Staging;
  readonly #findings: Finding[] = [];
  #modelCount = 0;
  #memberCount = 0;
  #rejectedCount = 0;
  #isWrong = false;

  constructor(staging: Staging) {
    this.#staging = staging;
  }

  result(): StagedExtraction {
    return {
      modelCount: this.#modelCount,
      memberCount: this.#memberCount,
      rejectedCount: this.#rejectedCount,
      findings: this.#findings,
    };
  }

  find(findings: readonly Finding[]): void {
    this.#isWrong ||= hasErrors(findings);
    this.#findings.push(...findings.slice(0, Math.max(0, registryLimits.findings - this.#findings.length)));
  }

  async addModel({ head, registrant, members }: ExtractedModel): Promise<void> {
    const { database, operationId, position, actor, source, signal, step } = this.#staging;
    const rejectedBefore = this.#rejectedCount;
    const place = { operationId, position, actor, source };
    const origin = registrant ?? this.#staging.registrant;
    const model = await stageModel(database, { ...place, registrant: origin, head });
    this.#modelCount += 1;
    for await (const batch of inBatches(members)) {
      signal.throwIfAborted();
      const good = await this.#take(batch);
      if (this.#stores()) await model.add(good);
      await step.say(`${formatModelReference(head.model)}: ${this.#memberCount} entities read`);
    }
    if (this.#stores()) await model.seal({ rejectedCount: this.#rejectedCount - rejectedBefore });
  }

  #stores(): boolean {
    return this.#staging.partial || !this.#isWrong;
  }

  /** The members of a batch that can be stored; the files among them are. */
  async #take(batch: readonly ExtractedMember[]): Promise<readonly ModelMember[]> {
    const taken: ModelMember[] = [];
    for (const member of batch) {
      this.#memberCount += 1;
      if (member.type === 'rejected') this.#reject(member.findings);
      else if (member.type === 'attachment') taken.push(await this.#takeFile(member));
      else taken.push(withoutPlace(member));
    }
    return taken;
  }

  #reject(findings: readonly Finding[]): void {
    this.#rejectedCount += 1;
    this.#isWrong = true;
    this.find(findings);
  }

  async #takeFile({ definition, read }: Extract<ExtractedMember, { type: 'attachment' }>): Promise<ModelMember> {
    if (this.#stores()) {
      await putAttachment(this.#staging.database, await read());
    }
    return { type: 'attachment', definition };
  }
}

type PlainMember = Exclude<ExtractedMember, { type: 'attachment' | 'rejected' }>;

function withoutPlace({ place: _place, ...member }: PlainMember): ModelMember {
  return member;
}

async function* inBatches<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
