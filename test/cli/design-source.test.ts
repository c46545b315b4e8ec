import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { list } from 'tar';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readDesignSource } from '../../cli/design-source.ts';
import type { Finding } from '../../domain/finding.ts';

async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'slipway-cli-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(path, name, '..'), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return path;
}

function read(place: string, input = ''): ReturnType<typeof readDesignSource> {
  const silent = { write: () => true };
  const interrupted = new AbortController().signal;
  return readDesignSource(
    { env: {}, stdin: Readable.from([input]), stdout: silent, stderr: silent, interrupted },
    place,
  );
}

function at(line: number): Finding {
  return { severity: 'error', code: 'x', message: 'wrong', line, column: 3 };
}

describe('-f', () => {
  test('takes a file, and findings name it', async () => {
    const path = await folder({ 'shop.yaml': 'a: 1\nb: 2\n' });
    const source = await read(join(path, 'shop.yaml'));
    expect(source.content.type).toBe('application/yaml');
    expect(source.locate(at(2))).toMatchObject({ file: join(path, 'shop.yaml'), line: 2, column: 3 });
  });

  test('takes an archive and text in UTF-16 as they are, byte by byte', async () => {
    const path = await folder({ 'design.tgz': '', 'wide.yaml': '' });
    const packed = gzipSync('kind: Namespace\n');
    await writeFile(join(path, 'design.tgz'), packed);
    await writeFile(join(path, 'wide.yaml'), Buffer.from('\uFEFFkind: Namespace\n', 'utf16le'));
    const archive = await read(join(path, 'design.tgz'));
    expect(archive.content).toEqual({ type: 'application/octet-stream', body: new Uint8Array(packed) });
    expect(archive.locate({ ...at(1), file: 'web.yaml' }).file).toBe(`${join(path, 'design.tgz')}: web.yaml`);
    const wide = await read(join(path, 'wide.yaml'));
    expect(wide.content.type).toBe('application/octet-stream');
    expect(wide.locate({ ...at(1), file: wide.fileName ?? '' }).file).toBe(join(path, 'wide.yaml'));
  });

  test('gives the server the file as it was given, with the folder of one that is only called design', async () => {
    const path = await folder({ 'shop.v2.yaml': 'a: 1\n', 'shop/design.yaml': 'a: 1\n' });
    expect((await read(join(path, 'shop.v2.yaml'))).fileName).toBe(join(path, 'shop.v2.yaml'));
    expect((await read(join(path, 'shop/design.yaml'))).fileName).toBe(join(path, 'shop/design.yaml'));
    expect((await read(`${path}/shop/./design.yaml`)).fileName).toBe('shop/design.yaml');
    expect((await read('-', 'a: 1\n')).fileName).toBeUndefined();
  });

  test('takes stdin by -', async () => {
    const source = await read('-', 'kind: Namespace\n');
    expect(Buffer.from(source.content.body).toString()).toBe('kind: Namespace\n');
    expect(source.locate(at(1)).file).toBe('stdin');
  });

  test('joins the manifests of a folder in order, and a finding names the file and the line in it', async () => {
    const path = await folder({ 'b.yml': 'b: 1\nb: 2', 'a.yaml': 'a: 1\na: 2\na: 3\n', 'readme.md': '# no' });
    const source = await read(path);
    expect(Buffer.from(source.content.body).toString()).toBe('a: 1\na: 2\na: 3\n---\nb: 1\nb: 2\n');
    expect(source.locate(at(3))).toMatchObject({ file: join(path, 'a.yaml'), line: 3 });
    expect(source.locate(at(5))).toMatchObject({ file: join(path, 'b.yml'), line: 1 });
    expect(source.locate(at(6))).toMatchObject({ file: join(path, 'b.yml'), line: 2 });
    const twice = { ...at(6), message: `declared twice: here and at ${source.fileName}:2.` };
    expect(source.locate(twice).message).toBe(`declared twice: here and at ${join(path, 'a.yaml')}:2.`);
    const unplaced: Finding = { severity: 'warning', code: 'x', message: 'odd' };
    expect(source.locate(unplaced)).toEqual(unplaced);
  });

  test('packs a Kustomize folder with what lies below it', async () => {
    const path = await folder({ 'kustomization.yaml': 'resources: [base/web.yaml]\n', 'base/web.yaml': 'kind: X\n' });
    const source = await read(path);
    const names: string[] = [];
    const parser = list({ onReadEntry: (member) => names.push(member.path) });
    await new Promise((done) => {
      parser.once('end', done);
      parser.end(Buffer.from(source.content.body));
    });
    expect(source.content.type).toBe('application/gzip');
    expect(names).toContain('./base/web.yaml');
    expect(names).toContain('./kustomization.yaml');
  });

  test('refuses an empty file and an empty pipe, whose command before most likely failed', async () => {
    await expect(read('-', ' \n')).rejects.toThrow('there is nothing in stdin');
    await expect(read(await folder({ 'a.yaml': '', 'b.yaml': '\n' }))).rejects.toThrow(
      /nothing in .*a\.yaml, .*b\.yaml/,
    );
  });

  test('refuses what is not there, and a folder without manifests', async () => {
    await expect(read('/nonexistent/shop.yaml')).rejects.toThrow(/cannot read/);
    await expect(read(await folder({ 'readme.md': 'x' }))).rejects.toThrow(/no YAML or JSON/);
  });
});
