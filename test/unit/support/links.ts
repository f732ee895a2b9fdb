import { posix } from 'node:path';

/** Markdown files, and what they can link to. */
export interface Site {
  /** Markdown by its path, which is relative and has forward slashes. */
  readonly pages: ReadonlyMap<string, string>;
  /** Whether there is a file or folder under a path. */
  readonly has: (path: string) => boolean;
}

/** The links and images of a site that lead nowhere in it, each as `page: target`. */
export function brokenLinks(site: Site): string[] {
  return [...site.pages].flatMap(([page, markdown]) =>
    targetsOf(markdown)
      .filter((target) => !leads(site, page, target))
      .map((target) => `${page}: ${target}`),
  );
}

/** What a page links to or shows, but for the addresses of other sites. */
export function targetsOf(markdown: string): string[] {
  const prose = withoutBlocks(markdown).replaceAll(/`[^`\n]*`/g, '');
  const patterns = [
    /\]\(\s*<?([^)>\s]+)/g, // [text](target), ![text](target "title")
    /^\[[^\]]+\]:\s*<?([^>\s]+)/gm, // [label]: target
    /<[^>]*\s(?:href|src)="([^"]*)"/g,
  ];
  return patterns
    .flatMap((pattern) => [...prose.matchAll(pattern)].map(([, target]) => target ?? ''))
    .filter((target) => !/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(target));
}

function leads({ pages, has }: Site, page: string, target: string): boolean {
  const [path = '', anchor] = decodeURI(target).split('#', 2);
  const found = path === '' ? page : posix.join(posix.dirname(page), path);
  if (path.startsWith('/') || found.startsWith('..') || !has(found)) return false;
  return anchor === undefined || anchorsOf(pages.get(found) ?? '').includes(anchor);
}

/** The anchors that GitHub gives to headings. */
function anchorsOf(markdown: string): string[] {
  const headings = withoutBlocks(markdown).matchAll(/^#{1,6} +(.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(/^```.*?^```/gms, '');
}
