// Column types that come out the same on MySQL and MariaDB, whatever the server's defaults are.
import { sql } from 'drizzle-orm';
import { customType, datetime } from 'drizzle-orm/mysql-core';

/** A UUID in its text form. ASCII and compared byte by byte: half the index, no case folding. */
export const uuid = customType<{ data: string }>({
  dataType: () => 'char(36) character set ascii collate ascii_bin',
});

/** Text that is compared exactly, for identifiers and addresses. `length` in characters. */
export const exactText = customType<{ data: string; config: { length: number } }>({
  dataType: (config) =>
    `varchar(${config?.length ?? 255}) character set utf8mb4 collate utf8mb4_bin`,
});

/** ASCII text that is compared exactly: four times as long as other text in the same index. */
export const asciiText = customType<{ data: string; config: { length: number } }>({
  dataType: (config) => `varchar(${config?.length ?? 255}) character set ascii collate ascii_bin`,
});

/** Bytes of a fixed length, for hashes. */
export const fixedBytes = customType<{ data: Buffer; config: { length: number } }>({
  dataType: (config) => `binary(${config?.length ?? 32})`,
});

/** Bytes of at most `length`. */
export const bytes = customType<{ data: Buffer; config: { length: number } }>({
  dataType: (config) => `varbinary(${config?.length ?? 255})`,
});

/** Bytes of up to 16 MB, outside the row. */
export const longBytes = customType<{ data: Buffer }>({ dataType: () => 'mediumblob' });

/** An object as JSON. MariaDB keeps it as text, which its driver gives back as it is. */
export const jsonObject = customType<{ data: Record<string, unknown>; driverData: unknown }>({
  dataType: () => 'json',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => (typeof value === 'string' ? JSON.parse(value) : value),
});

/** An object as JSON that stays byte by byte what was written, which a column for JSON does not. */
export const jsonText = customType<{ data: Record<string, unknown>; driverData: string }>({
  dataType: () => 'mediumtext character set utf8mb4 collate utf8mb4_bin',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => JSON.parse(value),
});

/** A moment, in UTC, to the millisecond. Every connection's time zone is set to UTC. */
export const moment = (name: string) => datetime(name, { mode: 'date', fsp: 3 });

/** When the row was made, by the database's clock. */
export const createdAt = () =>
  moment('created_at')
    .notNull()
    .default(sql`CURRENT_TIMESTAMP(3)`);

/** When the row was last changed, by the database's clock. */
export const updatedAt = () =>
  moment('updated_at')
    .notNull()
    .default(sql`CURRENT_TIMESTAMP(3)`)
    .$onUpdate(() => sql`CURRENT_TIMESTAMP(3)`);
