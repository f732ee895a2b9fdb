import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ProjectAnswers } from '../catalog/answers.ts';
import { referrersOf, targetsOf, withDomain } from '../catalog/domains/domains.ts';
import type { Domain } from '../catalog/domains/fields.ts';
import { formatFields } from '../catalog/domains/parse-fields.ts';
import { suggestion } from '../catalog/nearest.ts';
import { resolve } from '../catalog/resolve.ts';
import { badInput, precondition } from '../problem.ts';

/**
 * The answers with a domain more, or with its pages in the admin area where it is there with these
 * fields; the same answers where it has those too.
 *
 * @throws Problem (exit code 2) for what cannot be added, and why
 */
export function answersWithDomain(answers: ProjectAnswers, added: Domain): ProjectAnswers {
  if (added.admin === true) requireAdmin(answers);
  const standing = answers.domains.find(({ name }) => name === added.name);
  if (standing === undefined || formatFields(standing.fields) !== formatFields(added.fields)) {
    return { ...answers, domains: withDomain(answers.domains, added) };
  }
  if (added.admin !== true || standing.admin === true) return answers;
  return {
    ...answers,
    domains: answers.domains.map((domain) => (domain === standing ? added : domain)),
  };
}

export function hasAdmin(answers: ProjectAnswers): boolean {
  return resolve(answers).features.includes('admin');
}

/** @throws Problem (exit code 2) unless the project has an admin area for pages to be in */
export function requireAdmin(answers: ProjectAnswers): void {
  if (hasAdmin(answers)) return;
  throw badInput('add-domain --admin needs the feature admin: shipkit add admin', 'needs-admin');
}

/**
 * The answers without a domain, and the domain.
 *
 * @param given the name as the user typed it
 * @throws Problem (exit code 2) when there is none of that name
 * @throws Problem (exit code 3) when another domain refers to it
 */
export function answersWithoutDomain(
  answers: ProjectAnswers,
  name: string,
  given: string = name,
): { answers: ProjectAnswers; removed: Domain } {
  const names = answers.domains.map((domain) => domain.name);
  const removed = answers.domains.find((domain) => domain.name === name);
  if (removed === undefined) {
    const there = names.length === 0 ? 'there is none' : `there is ${names.join(', ')}`;
    const near = suggestion(name, names) || ` that shipkit added (${there}).`;
    throw badInput(`There is no domain "${given}"${near}`, 'no-domain');
  }
  const referrers = referrersOf(name, answers.domains);
  if (referrers.length > 0) {
    throw precondition(
      `${name} cannot be removed, because ${referrers.join(' and ')} ${referrers.length === 1 ? 'refers' : 'refer'} to it: remove ${referrers.length === 1 ? 'that' : 'those'} first.`,
      'referred-to',
    );
  }
  const domains = answers.domains.filter((domain) => domain !== removed);
  return { answers: { ...answers, domains }, removed };
}

/**
 * Sees to it that what a new domain refers to is there, not only in the manifest.
 *
 * @throws Problem (exit code 3) when the models of such a domain are gone from the disk
 */
export function requireTargets(folder: string, { name, fields }: Domain): void {
  for (const target of targetsOf({ fields }).filter((one) => one !== name)) {
    const models = `src/domains/${target}/models.ts`;
    if (existsSync(path.join(folder, models))) continue;
    throw precondition(
      `${name} would refer to ${target}, and ${models} is gone: restore it (git restore ${models}), or give its folder that name again.`,
      'no-models',
    );
  }
}

/** How a domain's command is typed, so that it can be given again. */
export function domainCommand({ name, fields, admin }: Domain): string {
  return `add-domain ${name} --fields "${formatFields(fields)}"${admin === true ? ' --admin' : ''}`;
}
