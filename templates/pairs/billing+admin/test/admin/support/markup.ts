/** Texts that would be markup, or a script, where they are not escaped. */
export const markup = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg onload=alert(1)>",
  '</textarea></pre></title><script>alert(1)</script>',
  '<!--<script>',
  '${alert(1)}',
];

/** Whether a page holds any of them as it is. */
export function holdsMarkup(page: unknown): boolean {
  return /<script>alert|<img src=x|<svg onload|<!--<script/.test(String(page));
}
