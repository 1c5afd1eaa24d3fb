"""full-text search over documents and records

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Without accents and without what nobody sees, so that "Erdogan" finds "Erdoğan", and also "Erdo\u200bğan". Letters
# whose stroke is no accent to Unicode are told one by one; the two private-use characters mark what was found.
FOLDED = r"""
create function folded(content text) returns text language sql immutable strict parallel safe
return translate(
    regexp_replace(
        normalize(content, nfd),
        U&'[\0300-\036F\00AD\061C\115F\1160\180E\200B-\200F\202A-\202E\2060-\206F\FEFF\FFF9-\FFFB]', '', 'g'
    ),
    U&'\00D8\00F8\0141\0142\0110\0111\0131\E000\E001', 'OoLlDdi  '
)
"""

# PostgreSQL's parser of words looks for addresses, paths, tags and compounds at these characters, again and again from
# each word on: a chain such as a_a_a_a costs it the square of its length. Without them it reads words alone.
SEARCHABLE = """
create function searchable(content text) returns text language sql immutable strict parallel safe
return translate(folded(content), '_@/~<>&-', '        ')
"""

# A title weighs more than the text.
DOCUMENT_VECTOR = """
create function document_vector(title text, content text) returns tsvector language sql immutable parallel safe
return setweight(to_tsvector('pg_catalog.english', searchable(left(coalesce(title, ''), 1000))), 'A')
    || to_tsvector('pg_catalog.english', searchable(content))
"""

# Pieces of 50,000 characters, since a tsvector is limited to 1 MB, which no piece of that length can come to, and to
# 16,383 positions, behind which no phrase is found. Neighbours share 1,000 characters, so that one of them has a phrase
# whole. Cut in two steps: PostgreSQL counts characters from the start of a text.
PIECES = """
create function pieces(content text) returns table (start integer, piece text)
language sql immutable strict parallel safe
begin atomic
    with block as materialized (
        select n * 980000 as start, substring(content from n * 980000 + 1 for 981000) as piece
        from generate_series(0, (char_length(content) - 1) / 980000) as n
    )
    select block.start + n * 49000, substring(block.piece from n * 49000 + 1 for 50000)
    from block, generate_series(0, 19) as n
    where n = 0 or n * 49000 + 1000 < char_length(block.piece);
end
"""

INDEX_DOCUMENT = """
create function index_document() returns trigger language plpgsql as $$
begin
    insert into document_segments (document_id, start, "end", vector)
    select new.id, start, start + char_length(piece), document_vector(new.title, piece) from pieces(new.text);
    return null;
end $$
"""

# What a record says, as a line to read.
RECORD_WORDS = """
create function record_words(body jsonb) returns text language sql immutable strict parallel safe
return (
    select coalesce(string_agg(word, ' · ' order by place), '')
    from jsonb_array_elements_text(
        jsonb_path_query_array(body, '$.participants[*].name')
        || jsonb_path_query_array(body, '$.participants[*].office')
        || jsonb_path_query_array(body, '$.participants[*].country')
        || jsonb_path_query_array(body, '$.place.name')
        || jsonb_path_query_array(body, '$.place.country')
        || jsonb_path_query_array(body, '$.date.text')
        || jsonb_path_query_array(body, 'strict $.details.** ? (@.type() == "string")')
        || jsonb_path_query_array(body, '$.attributed_to[*].name')
    ) with ordinality as said (word, place)
)
"""

RECORD_VECTOR = """
create function record_vector(body jsonb) returns tsvector language sql immutable strict parallel safe
return to_tsvector(
    'pg_catalog.english',
    searchable((body ->> 'type') || ' ' || (body ->> 'modality') || ' ' || record_words(body))
)
"""

FUNCTIONS = {
    "folded": FOLDED,
    "searchable": SEARCHABLE,
    "document_vector": DOCUMENT_VECTOR,
    "pieces": PIECES,
    "index_document": INDEX_DOCUMENT,
    "record_words": RECORD_WORDS,
    "record_vector": RECORD_VECTOR,
}


def upgrade() -> None:
    op.create_table(
        "document_segments",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("vector", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_document_segments_document_id")),
        sa.PrimaryKeyConstraint("document_id", "start", name=op.f("pk_document_segments")),
    )
    for definition in FUNCTIONS.values():
        op.execute(sa.text(definition.replace(":", r"\:")))
    op.execute(
        'insert into document_segments (document_id, start, "end", vector) '
        "select id, start, start + char_length(piece), document_vector(title, piece) from documents, pieces(text)"
    )
    op.create_index("ix_document_segments_vector", "document_segments", ["vector"], postgresql_using="gin")
    op.create_index(
        "ix_revisions_words", "revisions", [sa.literal_column("record_vector(body)")], postgresql_using="gin"
    )
    op.execute(
        "create trigger documents_indexed after insert on documents for each row execute function index_document()"
    )


def downgrade() -> None:
    op.execute("drop trigger documents_indexed on documents")
    op.drop_index("ix_revisions_words", table_name="revisions", postgresql_using="gin")
    op.drop_index("ix_document_segments_vector", table_name="document_segments", postgresql_using="gin")
    for name in reversed(FUNCTIONS):
        op.execute(f"drop function {name}")
    op.drop_table("document_segments")
