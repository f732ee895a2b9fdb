// What a project has for Kubernetes, laid together by kubectl and checked against the API's types.
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { npmTools } from '../../scripts/lib/npm-tools.ts';
import { root } from '../../scripts/lib/root.ts';
import { kubectl } from '../../scripts/lib/unstable.ts';
import { richest } from './support/combinations.ts';
import { projectsWith, writtenDeployment } from './support/deployed.ts';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly envFrom: readonly { secretRef?: { name: string }; configMapRef?: { name: string } }[];
  readonly securityContext: object;
  readonly readinessProbe?: object;
  readonly livenessProbe?: object;
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: object;
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly selector?: Record<string, string> & { matchLabels?: Record<string, string> };
    readonly template?: { metadata: { labels: Record<string, string> }; spec: PodSpec };
    readonly [key: string]: unknown;
  };
}

type Parse = (text: string) => readonly { toJS: () => unknown; errors: readonly unknown[] }[];

let tools: string;
let parse: Parse;

beforeAll(async () => {
  tools = await npmTools('yaml@2.8.1', 'kubernetes-types@1.30.0');
  const yaml = join(tools, 'yaml', 'dist', 'index.js');
  const loaded = (await import(pathToFileURL(yaml).href)) as { parseAllDocuments: Parse };
  parse = loaded.parseAllDocuments;
  await kubectl();
}, 300_000);

describe.each(projectsWith('kubernetes'))('in a project of %s', (_, answers) => {
  const folder = writtenDeployment(answers);
  const hasWorker = answers.features.includes('queues');

  test('each object has the form of its kind, and no field that it does not know', async () => {
    await expectTypes(await manifests(folder), folder);
  });

  test('there is what runs, once, in a namespace of its own', async () => {
    const all = await manifests(folder);
    const kinds = all.map(({ kind, metadata: { name } }) => `${kind} ${name}`);
    expect(kinds.map((one) => one.replace(/settings-\w+/, 'settings')).toSorted()).toEqual(
      [
        'ConfigMap settings',
        'Deployment web',
        ...(hasWorker ? ['Deployment worker'] : []),
        'HorizontalPodAutoscaler web',
        'Ingress web',
        'Job migrate',
        'PodDisruptionBudget web',
        'Service web',
        'ServiceAccount app',
      ].toSorted(),
    );
    for (const { metadata } of all) expect(metadata.namespace).toBe('my-app');
  });

  test('no pod has rights or a token, and only migrations have the owner of the tables', async () => {
    const all = await manifests(folder);
    const settings = all.find(({ kind }) => kind === 'ConfigMap')?.metadata.name;
    for (const { metadata, spec } of all.filter((one) => one.spec?.template !== undefined)) {
      const pod = spec?.template?.spec;
      expect(pod, metadata.name).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const container of [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])]) {
        expect(container.securityContext, container.name).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        const { name = 'my-app' } = answers.deploy?.image ?? {};
        expect(container.image).toBe(`${name}:1`);
        const secrets = container.envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []);
        expect(secrets).toEqual(container.name === 'migrate' ? ['app', 'migrate'] : ['app']);
        expect(container.envFrom.map((it) => it.configMapRef?.name)).toContain(settings);
      }
    }
  });

  test('what stops has the time that it takes, and what starts gets requests when it is ready', async () => {
    const all = await manifests(folder);
    const delay = Number(all.find(({ kind }) => kind === 'ConfigMap')?.data?.['SHUTDOWN_DELAY_MS']);
    expect(all.find(({ kind }) => kind === 'ConfigMap')?.data).toMatchObject({
      METRICS_HOST: '0.0.0.0',
      METRICS_PORT: '9110',
    });
    const server = readFileSync(join(folder, 'src', 'http', 'server.ts'), 'utf8');
    const [, drain = ''] = /drainTimeout = ([\d_]+);/.exec(server) ?? [];
    const needed = delay + Number(drain.replaceAll('_', '')) + 5000;
    for (const { spec } of all.filter(({ kind }) => kind === 'Deployment')) {
      const pod = spec?.template?.spec;
      expect((pod?.terminationGracePeriodSeconds ?? 30) * 1000).toBeGreaterThan(needed);
      expect(pod?.containers[0]).toMatchObject({
        readinessProbe: { httpGet: { path: '/readyz' } },
        livenessProbe: { httpGet: { path: '/healthz' } },
        ports: [
          { name: 'http', containerPort: 3000 },
          { name: 'metrics', containerPort: 9110 },
        ],
      });
    }
  });

  test('each selector finds its own pods, and no others', async () => {
    const all = await manifests(folder);
    const pods = all.flatMap(({ metadata, spec }) =>
      spec?.template === undefined ? [] : [{ name: metadata.name, ...spec.template.metadata }],
    );
    const selecting = all.filter(({ spec }) => spec?.selector !== undefined);
    expect(selecting.length).toBeGreaterThanOrEqual(3);
    for (const { kind, metadata, spec } of selecting) {
      const wanted = Object.entries(spec?.selector?.matchLabels ?? spec?.selector ?? {});
      const found = pods.filter(({ labels }) =>
        wanted.every(([key, value]) => labels[key] === value),
      );
      expect(
        found.map(({ name }) => name),
        `${kind} ${metadata.name}`,
      ).toEqual([metadata.name]);
    }
  });

  test('the checklist migrates with everything in place but the pods', async () => {
    const without = (await manifests(folder)).filter(
      ({ metadata }) =>
        !['web', 'worker'].includes(metadata.labels?.['app.kubernetes.io/component'] ?? ''),
    );
    const kinds = without.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(['ConfigMap', 'Job', 'ServiceAccount']);
  });

  test('the checklist brings new pods, or those before, without the job that cannot change', async () => {
    const readme = readFileSync(join(folder, 'deploy', 'kubernetes', 'README.md'), 'utf8');
    expect(readme).toContain("-l 'app.kubernetes.io/component!=migrate'\n");
    const job = (await manifests(folder)).find(({ kind }) => kind === 'Job');
    expect(job?.metadata.labels?.['app.kubernetes.io/component']).toBe('migrate');
    expect(readme).not.toMatch(/kubectl apply -k deploy\/kubernetes$/m);
  });

  test('the checklist goes on where the job has failed', () => {
    const readme = readFileSync(join(folder, 'deploy', 'kubernetes', 'README.md'), 'utf8');
    const [, words = ''] = /job migrate .* \| grep -E '(.*)'; do/.exec(readme) ?? [];
    expect(words.split('|')).toEqual(['Complete', 'Failed']);
  });
});

test('a misspelt field is no field of its kind, so this test can tell', async () => {
  const folder = writtenDeployment(richest('my-app'), onTestFinished);
  const misspelt = (await manifests(folder)).map((one) =>
    one.kind === 'Service' ? { ...one, spec: { ...one.spec, prots: [] } } : one,
  );
  await expect(expectTypes(misspelt, folder)).rejects.toThrow('prots');
});

async function manifests(folder: string): Promise<Manifest[]> {
  const program = await kubectl();
  const { stdout } = await execa(program, ['kustomize', join(folder, 'deploy', 'kubernetes')]);
  const documents = parse(stdout);
  for (const { errors } of documents) expect(errors).toEqual([]);
  return documents.map((document) => document.toJS() as Manifest);
}

/** Literals of the API's own types: the compiler names what they do not have. */
async function expectTypes(all: readonly Manifest[], folder: string): Promise<void> {
  const lines = all.map(({ apiVersion, kind, ...rest }, index) => {
    const group = apiVersion.split('/')[0]?.split('.')[0] ?? '';
    const module = apiVersion === 'v1' ? 'core/v1' : `${group}/${apiVersion.split('/')[1]}`;
    const type = `import('kubernetes-types/${module}').${kind}`;
    return `export const o${index}: ${type} = ${JSON.stringify({ apiVersion, kind, ...rest })};`;
  });
  writeFileSync(join(folder, 'objects.ts'), lines.join('\n'));
  try {
    symlinkSync(tools, join(folder, 'node_modules'));
  } catch {
    // It is there from the test before.
  }
  const options = ['--noEmit', '--strict', '--module', 'preserve', '--moduleResolution', 'bundler'];
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await execa(process.execPath, [tsc, ...options, '--ignoreConfig', '--types', '', 'objects.ts'], {
    cwd: folder,
    all: true,
  });
}
