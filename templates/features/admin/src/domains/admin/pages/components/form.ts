// The form of an action: its fields, what was typed and refused before, and the proof that the page
// of this very session has sent it.
import { randomUUID } from 'node:crypto';
import { html } from 'ghtml';
import type { Operator } from '../../operator.ts';
import type { Action, Attempt, Field, FormOptions } from '../define-page.ts';

/** Inputs that every form has beside its action's own. */
export const formToken = '_token';
export const formKey = '_key';
export const formConfirm = '_confirm';
export const formCode = '_code';
export const formOnce = '_once';

export interface FormParts {
  readonly name: string;
  readonly action: Action;
  /** Where the page is. */
  readonly path: string;
  readonly operator: Pick<Operator, 'formToken'>;
  /** What this form, or another of the page, did not take. */
  readonly attempt: Attempt | undefined;
  readonly options: FormOptions;
}

export function renderForm({ name, action, path, operator, attempt, options }: FormParts): string {
  const { key = '', values = {}, label = action.label, about } = options;
  const refused = attempt?.action === name && attempt.key === key ? attempt : undefined;
  const fields = Object.entries(action.fields ?? {});
  const id = (field: string) => ['form', name, key, field].filter(Boolean).join('-');
  // Once sent, a box that was left empty is no part of what came.
  const valueOf = (field: string) =>
    refused === undefined ? String(values[field] ?? '') : (refused.values[field] ?? '');
  const hidden = Object.keys(values).filter((field) => action.fields?.[field] === undefined);

  return html`<form
    method="post"
    action="${path}/${name}"
    class="${fields.length === 0 ? 'inline' : 'stacked'}"
  >
    !${hiddenInput(formToken, operator.formToken)} !${key === '' ? '' : hiddenInput(formKey, key)}
    !${action.once === true ? hiddenInput(formOnce, randomUUID()) : ''}
    !${hidden.map((field) => hiddenInput(field, String(values[field] ?? '')))}
    !${formError(refused?.errors[''])}
    !${fields.map(([field, shape]) =>
      renderField(shape, {
        id: id(field),
        name: field,
        value: valueOf(field),
        error: refused?.errors[field],
      }),
    )}
    !${confirmation(action, { id: id('confirm'), error: refused?.errors[formConfirm] })}
    <button !${about === undefined ? '' : html`aria-label="${label}: ${about}"`}>${label}</button>
  </form>`;
}

/**
 * The same form with everything in it hidden, which asks for a code of the second factor. Passwords
 * are asked for again: they are no part of any page.
 */
export function renderProofForm(parts: {
  readonly name: string;
  readonly action: Action;
  readonly path: string;
  readonly operator: Pick<Operator, 'formToken'>;
  readonly sent: Readonly<Record<string, string>>;
  readonly error: string | undefined;
}): string {
  const { name, action, path, operator, sent, error } = parts;
  const passwords = Object.entries(action.fields ?? {}).filter(
    ([, { kind }]) => kind === 'password',
  );
  const asked = new Set([formToken, formCode, ...passwords.map(([input]) => input)]);
  const kept = Object.entries(sent).filter(([input]) => !asked.has(input));
  const field: Field = {
    kind: 'text',
    label: 'Code of your authenticator app, or a recovery code',
    autocomplete: 'one-time-code',
    maxLength: 50,
  };
  return html`<p>
      What you are about to do needs to know that it is still you.
      ${passwords.length === 0 ? 'Nothing that you typed is lost.' : ''}
    </p>
    <form method="post" action="${path}/${name}" class="stacked">
      !${hiddenInput(formToken, operator.formToken)}
      !${kept.map(([input, value]) => hiddenInput(input, value))}
      !${passwords.map(([input, shape]) =>
        renderField(shape, { id: `form-${input}`, name: input, value: '', error: undefined }),
      )}
      !${renderField(field, { id: 'form-code', name: formCode, value: '', error })}
      <button>${action.label}</button>
    </form>
    <p><a href="${path}">Cancel</a></p>`;
}

interface Place {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly error: string | undefined;
}

/** One input with its label, its hint, and why it was refused. */
export function renderField(field: Field, { id, name, value, error }: Place): string {
  const described = [
    ...(error === undefined ? [] : [`${id}-error`]),
    ...(field.hint === undefined ? [] : [`${id}-hint`]),
  ];
  const attributes = [
    html`id="${id}" name="${name}"`,
    ...(field.optional === true || field.kind === 'checkbox' ? [] : ['required']),
    ...(described.length === 0 ? [] : [html`aria-describedby="${described.join(' ')}"`]),
    ...(error === undefined ? [] : ['aria-invalid="true"']),
  ].join(' ');
  const note = html`!${
    error === undefined ? '' : html`<p class="error" id="${id}-error">${error}</p>`
  }
  !${field.hint === undefined ? '' : html`<p class="hint" id="${id}-hint">${field.hint}</p>`}`;

  if (field.kind === 'checkbox') {
    return html`<div class="field check">
      <label for="${id}">
        <input type="checkbox" !${attributes} !${value === 'on' ? 'checked' : ''} />
        ${field.label}
      </label>
      !${note}
    </div>`;
  }
  return html`<div class="field">
    <label for="${id}">${field.label}</label>
    !${control(field, attributes, value)} !${note}
  </div>`;
}

function control(
  field: Exclude<Field, { kind: 'checkbox' }>,
  attributes: string,
  value: string,
): string {
  switch (field.kind) {
    case 'textarea':
      return html`<textarea !${attributes} rows="${field.rows ?? 3}" !${lengthOf(field.maxLength)}>
${value}</textarea>`;
    case 'select':
      return html`<select !${attributes}>
        !${field.options.map(
          (option) =>
            html`<option value="${option.value}" !${option.value === value ? 'selected' : ''}>
              ${option.label}
            </option>`,
        )}
      </select>`;
    case 'number':
      return html`<input
        type="number"
        !${attributes}
        step="${field.step ?? 'any'}"
        value="${value}"
      />`;
    default:
      return html`<input
        type="${field.kind}"
        !${attributes}
        !${field.kind === 'datetime-local' ? 'step="any"' : ''}
        !${lengthOf(field.maxLength)}
        !${field.inputMode === undefined ? '' : html`inputmode="${field.inputMode}"`}
        autocomplete="${field.autocomplete ?? 'off'}"
        value="${field.kind === 'password' ? '' : value}"
      />`;
  }
}

function lengthOf(maximum: number | undefined): string {
  return maximum === undefined ? '' : html`maxlength="${maximum}"`;
}

export function hiddenInput(name: string, value: string): string {
  return html`<input type="hidden" name="${name}" value="${value}" />`;
}

export function formError(message: string | undefined): string {
  return message === undefined ? '' : html`<p class="error" role="alert">${message}</p>`;
}

function confirmation(
  { confirm }: Action,
  { id, error }: { id: string; error: string | undefined },
): string {
  if (confirm === undefined) return '';
  const field: Field = { kind: 'checkbox', label: confirm };
  return renderField(field, { id, name: formConfirm, value: '', error });
}
