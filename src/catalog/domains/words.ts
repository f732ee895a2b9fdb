// Words that mean something else already, by who has them.

/**
 * Reserved in MySQL 8.4, MySQL 9 or MariaDB (found by trying every keyword of MySQL 9.7 and MariaDB
 * 10.11 as the name of a table and of a column). Drizzle quotes names; people at a prompt do not.
 */
export const sqlWords = words(`
  accessible add all alter analyze and as asc asensitive before between bigint binary blob both by
  call cascade case change char character check collate column condition constraint continue convert
  create cross cube cume_dist current_date current_role current_time current_timestamp current_user
  cursor database databases day_hour day_microsecond day_minute day_second dec decimal declare
  default delayed delete delete_domain_id dense_rank desc describe deterministic distinct distinctrow
  div do_domain_ids double drop dual each else elseif empty enclosed escaped except exists exit
  explain external false fetch first_value float float4 float8 for force foreign from fulltext
  function generated get grant group grouping groups having high_priority hour_microsecond
  hour_minute hour_second if ignore ignore_domain_ids in index infile inner inout insensitive insert
  int int1 int2 int3 int4 int8 integer intersect interval into io_after_gtids io_before_gtids is
  iterate join json_table key keys kill lag last_value lateral lead leading leave left library like
  limit linear lines load localtime localtimestamp lock long longblob longtext loop low_priority
  master_bind master_demote_to_replica master_demote_to_slave master_ssl_verify_server_cert match
  maxvalue mediumblob mediumint mediumtext middleint minute_microsecond minute_second mod modifies
  natural no_write_to_binlog not nth_value ntile null numeric of offset on optimize optimizer_costs
  option optionally or order out outer outfile over page_checksum parse_vcol_expr partition
  percent_rank portion precision primary procedure purge qualify range rank read read_write reads
  real recursive ref_system_id references regexp release rename repeat replace require resignal
  restrict return returning revoke right rlike row row_number rows schema schemas second_microsecond
  select sensitive separator set show signal smallint spatial specific sql sql_big_result
  sql_buffer_result sql_cache sql_calc_found_rows sql_no_cache sql_small_result sqlexception sqlstate
  sqlwarning ssl starting stats_auto_recalc stats_persistent stats_sample_pages stored straight_join
  sysdate system table tablesample terminated then tinyblob tinyint tinytext to trailing trigger true
  undo union unique unlock unsigned update usage use using utc_date utc_time utc_timestamp values
  varbinary varchar varcharacter varying virtual when where while window with write xor year_month
  zerofill
`);

/** Names of columns that InnoDB keeps for itself. */
export const innodbColumns = words('db_row_id db_trx_id db_roll_ptr fts_doc_id');

/** Reserved in JavaScript's modules and in TypeScript (ECMA-262, section 12.7.2). */
export const languageWords = words(`
  arguments await break case catch class const continue debugger default delete do else enum eval
  export extends false finally for function if implements import in instanceof interface let new
  null package private protected public return static super switch this throw true try typeof
  undefined var void while with yield
`);

/** What every object has, or what makes it something else. */
export const objectWords = words(`
  constructor hasOwnProperty isPrototypeOf propertyIsEnumerable then toLocaleString toString valueOf
`);

/** Types and globals of the language: a schema of that name would hide them where it stands. */
export const languageTypes = words(`
  AggregateError Array ArrayBuffer ArrayLike AsyncIterator Atomics Awaited BigInt Boolean Capitalize
  DataView Date Error EvalError Exclude Extract Function Generator Infinity Intl Iterable Iterator
  Json Lowercase Map Math Number Object Omit Parameter Partial Pick Promise PromiseLike Property
  Proxy RangeError Readonly Record ReferenceError Reflect RegExp Required ReturnType Set String
  Symbol SyntaxError TypeError Uncapitalize Uppercase UriError WeakMap WeakRef WeakSet
`);

function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}
