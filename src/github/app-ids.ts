/**
 * The App behind every `GITHUB_TOKEN`: its id is on each comment that a job writes.
 * @source https://api.github.com/apps/github-actions (2026-11); Enterprise Server has another, see there
 */
export const githubActionsAppId = 15368;
