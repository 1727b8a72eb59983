// What a dashboard or a form would do, through openapi-fetch and the types that openapi-typescript generates from
// openapi.yaml, both with their default options. Prints what it saw as JSON; ../test_typescript_client.py looks at it.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };

type Incident = components["schemas"]["Incident"];
type IncidentPatch = components["schemas"]["IncidentPatch"];

const [baseUrl, token, input] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

function present<T>(value: T | undefined, error: unknown): T {
  if (value === undefined) throw new Error(JSON.stringify(error));
  return value;
}

async function read(id: number): Promise<{ incident: Incident; etag: string }> {
  const { data, error, response } = await client.GET("/api/v1/incidents/{incident_id}", {
    params: { path: { incident_id: id } },
  });
  return { incident: present(data, error), etag: response.headers.get("ETag") ?? "" };
}

async function patch(id: number, etag: string, body: IncidentPatch): Promise<void> {
  const { data, error } = await client.PATCH("/api/v1/incidents/{incident_id}", {
    params: { path: { incident_id: id }, header: { "If-Match": etag } },
    body,
  });
  present(data, error);
}

const created = await client.POST("/api/v1/incidents", {
  body: JSON.parse(input) as components["schemas"]["IncidentInput"],
});
// 200 would be the answer to a dry run.
const id: number = (present(created.data, created.error) as components["schemas"]["Incident"]).id;
// Only what a draft needs is required of a client.
const draft = await client.POST("/api/v1/incidents", {
  body: { title: "כותרת", organization: "Acme", category: "tone-deaf" },
});
const { incident: before, etag } = await read(id);
await patch(id, etag, { severity: 4 });
const { incident: after } = await read(id);

const list = await client.GET("/api/v1/incidents", { params: { query: { category: ["internal-communication"] } } });
const organizations: string[] = present(list.data, list.error).items.map((card) => card.organization);
const search = await client.GET("/api/v1/search", {
  params: { query: { q: "טיוטה שפורסמה בטעות", lang: "he", platform: ["twitter", "facebook"] } },
});
const hit = present(search.data, search.error).items[0].incident;
const trends = await client.GET("/api/v1/trends", { params: { query: { group_by: ["category"] } } });
const counted: number = present(trends.data, trends.error).rows.reduce((sum, row) => sum + row.incidents, 0);
const table = await client.GET("/api/v1/trends.csv", {
  params: { query: { group_by: ["category"] } },
  parseAs: "text",
});

const stale = await client.PATCH("/api/v1/incidents/{incident_id}", {
  params: { path: { incident_id: id }, header: { "If-Match": '"999"' } },
  body: { severity: 1 },
});
const problem: components["schemas"]["Problem"] = present(stale.error, "no error");

// What a client must not be able to write.
// @ts-expect-error: a change needs the version that it is based on
await client.PATCH("/api/v1/incidents/{incident_id}", { params: { path: { incident_id: id } }, body: {} });
// @ts-expect-error: the title cannot be null
const nothing: IncidentPatch = { title: null };

console.log(
  JSON.stringify({
    before,
    after,
    draft: present(draft.data, draft.error),
    organizations,
    hit,
    counted,
    table: present(table.data, table.error),
    problem,
    nothing,
  }),
);
