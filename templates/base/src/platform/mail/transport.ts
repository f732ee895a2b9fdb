/** A mail as it is handed over. */
export interface Message {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same for programs that show HTML, where it was made. */
  readonly html?: string;
}

/** A way that mails take. */
export interface Transport {
  /**
   * Hands a mail over.
   *
   * @param key becomes its Message-ID: where the same mail arrives twice, its receiver can tell
   * @throws DeliveryError
   */
  send(message: Message, key: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The key as a Message-ID (RFC 5322, section 3.6.4), in the sender's own domain. */
export function messageIdOf(key: string, from: string): string {
  const domain = /@([^<>@\s]+)/.exec(from)?.[1] ?? 'localhost';
  return `<${key}@${domain}>`;
}
