package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newToken(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Create, change and revoke API tokens",
		Long: `Create, change and revoke API tokens.

A token can do at most what its maker can do, narrowed to its scopes, and it stops
working when its maker leaves the workspace.

Scopes: read, write, delete (each may name a dataset, such as read:prices), query,
load, manage, audit, metrics.`,
		Args: cobra.NoArgs,
	}
	conn.flags(cmd)
	cmd.AddCommand(newTokenCreate(&conn, streams), newTokenList(&conn, streams), newTokenShow(&conn, streams),
		newTokenUpdate(&conn, streams), newTokenAdopt(&conn, streams), newTokenRevoke(&conn, streams),
		newTokenWhoami(&conn, streams))
	return cmd
}

// tokenFlags has the flags of create and update.
type tokenFlags struct {
	name, expires             string
	scopes, origins, referers []string
	cacheSeconds              int
	limits                    []string
}

func (f *tokenFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "where the token is used, such as dashboard")
	flags.StringArrayVar(&f.scopes, "scope", nil, "what the token can do, such as read:prices or load; may be repeated")
	flags.StringArrayVar(&f.origins, "origin", nil,
		"publishable: origin of a web page that may use it, such as https://app.example.com; may be repeated")
	flags.StringArrayVar(&f.referers, "referer", nil,
		"publishable: prefix of the request's Referer, such as example.com/app; may be repeated")
	flags.IntVar(&f.cacheSeconds, "cache-seconds", 0,
		"publishable: seconds that clients and caches may keep responses, at most 86400")
	flags.StringArrayVar(
		&f.limits,
		"limit",
		nil,
		"how much it may use, such as requests_per_minute=600, rows_per_day, bytes_per_day or requests_per_month; may be repeated; none for no limits",
	)
	flags.StringVar(&f.expires, "expires", "", "how long the token lasts, such as 720h or 30d, or never")
}

// expiry returns when the token ends, and whether it never does. Both are zero
// if neither is given.
func (f *tokenFlags) expiry(now time.Time) (time.Time, bool, error) {
	if f.expires == "" || f.expires == "never" {
		return time.Time{}, f.expires == "never", nil
	}
	text, unit := f.expires, time.Duration(1)
	if days, ok := strings.CutSuffix(f.expires, "d"); ok {
		text, unit = days+"h", 24
	}
	lasts, err := time.ParseDuration(text)
	if err != nil || lasts <= 0 {
		return time.Time{}, false, usagef("--expires must be never or a duration such as 720h or 30d, not %q",
			f.expires)
	}
	return now.Add(lasts * unit), false, nil
}

// changePages sets the given lists of pages. An empty text empties a list.
func (f *tokenFlags) changePages(cmd *cobra.Command, change *client.TokenChange) {
	given := func(flag string, list []string) *[]string {
		if !cmd.Flags().Changed(flag) {
			return nil
		}
		kept := slices.DeleteFunc(slices.Clone(list), func(entry string) bool { return entry == "" })
		return &kept
	}
	change.AllowedOrigins, change.AllowedReferers = given("origin", f.origins), given("referer", f.referers)
	if cmd.Flags().Changed("cache-seconds") {
		change.CacheSeconds = &f.cacheSeconds
	}
}

// parseLimits returns the given limits, or nil if there are none.
func (f *tokenFlags) parseLimits() (*client.TokenLimits, error) {
	if len(f.limits) == 0 {
		return nil, nil //nolint:nilnil // not given
	}
	limits := &client.TokenLimits{}
	if len(f.limits) == 1 && f.limits[0] == "none" {
		return limits, nil
	}
	into := map[string]*int64{
		"requests_per_minute": &limits.RequestsPerMinute, "rows_per_day": &limits.RowsPerDay,
		"bytes_per_day": &limits.BytesPerDay, "requests_per_month": &limits.RequestsPerMonth,
	}
	for _, text := range f.limits {
		name, value, _ := strings.Cut(text, "=")
		n, err := strconv.ParseInt(value, 10, 64)
		if into[name] == nil || err != nil || n < 1 {
			return nil, usagef("--limit must be one of %s with a number, such as requests_per_minute=600, not %q",
				strings.Join(slices.Sorted(maps.Keys(into)), ", "), text)
		}
		*into[name] = n
	}
	return limits, nil
}

func parseScopes(texts []string) ([]client.TokenScope, error) {
	scopes := make([]client.TokenScope, len(texts))
	for i, text := range texts {
		scope, err := client.ParseTokenScope(text)
		if err != nil {
			return nil, usagef("--scope: %w", err)
		}
		scopes[i] = scope
	}
	return scopes, nil
}

func newTokenCreate(conn *connection, streams Streams) *cobra.Command {
	var given tokenFlags
	var member string
	var datasets []string
	var publishable, personal bool
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Create a token and print it once",
		Long: `Create a token and print it once.

By default it is a secret token, for servers. Without --scope it can do everything
that your role allows, except reading the audit log and the metrics, and it lasts a year.
With --dataset or --publishable, it is a publishable token, for web pages: it reads the
datasets you name and lasts until it is revoked. Pages of any origin may use it; with
--origin, only those that you name.
With --personal, it acts in your name and can get credentials for you. It lasts at most
90 days.`,
		Example: `  windlass token create --name loader --scope load --scope read
  windlass token create --name site --dataset prices --origin https://app.example.com
  windlass token create --name laptop --personal
  windlass token create --name ops --expires 30d`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			spec := client.TokenSpec{
				Kind: "secret", Name: given.name, Member: member,
				AllowedOrigins: given.origins, AllowedReferers: given.referers,
				CacheSeconds: given.cacheSeconds,
			}
			limits, err := given.parseLimits()
			if err != nil {
				return err
			}
			if limits != nil {
				spec.Limits = *limits
			}
			if spec.Scopes, err = parseScopes(given.scopes); err != nil {
				return err
			}
			if len(datasets) > 0 || publishable {
				spec.Kind = "publishable"
			}
			for _, dataset := range datasets {
				spec.Scopes = append(spec.Scopes, client.TokenScope{Action: "data.read", Dataset: dataset})
			}
			if personal || member != "" {
				spec.Kind = "personal"
			}
			if spec.ExpiresAt, spec.NeverExpires, err = given.expiry(streams.Now()); err != nil {
				return err
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			made, err := api.CreateToken(cmd.Context(), spec)
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, made)
			}
			_, err = fmt.Fprintln(streams.Out, made.Text)
			return err
		},
	}
	given.add(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&datasets, "dataset", nil, "dataset that a publishable token reads, or '*'; may be repeated")
	flags.BoolVar(&publishable, "publishable", false, "create a publishable token with the scopes given")
	flags.BoolVar(&personal, "personal", false, "create a personal token, which acts in your name")
	flags.StringVar(&member, "member", "", "your own ID or e-mail address; the same as --personal")
	_ = cmd.MarkFlagRequired("name")
	cmd.MarkFlagsMutuallyExclusive("dataset", "member")
	cmd.MarkFlagsMutuallyExclusive("dataset", "personal")
	cmd.MarkFlagsMutuallyExclusive("publishable", "personal")
	return cmd
}

func newTokenUpdate(conn *connection, streams Streams) *cobra.Command {
	var given tokenFlags
	cmd := &cobra.Command{
		Use: "update TOKEN", Short: "Rename a token, or change its scopes, web pages or expiry", Args: cobra.ExactArgs(1),
		Long:    "Rename a token, or change its scopes, web pages or expiry. --scope, --origin and\n--referer replace all of their kind; --origin '*' allows every page, and\n--referer '' needs none.\n\nOnly people can do this: run windlass login first.",
		Example: "  windlass token update tok_06h06hqhb6gtcr3q3jgb1g7ptm --scope read:prices --expires 90d",
		RunE: func(cmd *cobra.Command, args []string) error {
			var change client.TokenChange
			if given.name != "" {
				change.Name = &given.name
			}
			if len(given.scopes) > 0 {
				scopes, err := parseScopes(given.scopes)
				if err != nil {
					return err
				}
				change.Scopes = &scopes
			}
			given.changePages(cmd, &change)
			limits, err := given.parseLimits()
			if err != nil {
				return err
			}
			change.Limits = limits
			expires, never, err := given.expiry(streams.Now())
			if err != nil {
				return err
			}
			if change.NeverExpires = never; !expires.IsZero() {
				change.ExpiresAt = &expires
			}
			if change == (client.TokenChange{}) {
				return usagef(
					"specify a change: --name, --scope, --origin, --referer, --cache-seconds, --limit or --expires",
				)
			}
			return tokenCommand(conn, streams, func(api *client.Client) (client.Token, error) {
				return api.UpdateToken(cmd.Context(), args[0], change)
			})
		},
	}
	given.add(cmd)
	return cmd
}

func newTokenShow(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "show TOKEN", Short: "Show a token, by its ID", Args: cobra.ExactArgs(1),
		Example: "  windlass token show tok_06h06hqhb6gtcr3q3jgb1g7ptm",
		RunE: func(cmd *cobra.Command, args []string) error {
			return tokenCommand(conn, streams, func(api *client.Client) (client.Token,
				error,
			) {
				return api.Token(cmd.Context(), args[0])
			})
		},
	}
}

func newTokenAdopt(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "adopt TOKEN", Short: "Become a token's maker, so that it keeps working when its maker leaves",
		Args: cobra.ExactArgs(1),
		Long: "Become a token's maker, so that it keeps working when its maker leaves. The\ntoken itself and " +
			"its scopes don't change. Admins can adopt tokens of members with a\nlower role, owners those of all " +
			"members.\n\nOnly people can do this: run windlass login first.",
		Example: "  windlass token adopt tok_06h06hqhb6gtcr3q3jgb1g7ptm",
		RunE: func(cmd *cobra.Command, args []string) error {
			return tokenCommand(conn, streams, func(api *client.Client) (client.Token,
				error,
			) {
				return api.AdoptToken(cmd.Context(), args[0])
			})
		},
	}
}

// tokenCommand calls the API for one token and prints it.
func tokenCommand(conn *connection, streams Streams, call func(*client.Client) (client.Token, error)) error {
	api, err := conn.client(streams)
	if err != nil {
		return err
	}
	found, err := call(api)
	if err != nil {
		return err
	}
	if conn.json {
		return printJSON(streams.Out, found)
	}
	return tokens.show(conn, streams, []client.Token{found})
}

var tokens = listing[client.Token]{
	head: []string{"id", "name", "kind", "token", "scopes", "made by", "expires", "used"},
	page: ofAll((*client.Client).Tokens),
	row: func(t *client.Token) []string {
		return []string{
			t.ID, t.Name, t.Kind, "…" + t.Tail, scopesOf(*t), t.MadeBy, moment(t.ExpiresAt, "never"),
			moment(t.UsedAt, "never"),
		}
	},
}

func newTokenList(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the tokens that aren't revoked", Args: cobra.NoArgs,
		Example: "  windlass token list",
		RunE:    tokens.run(conn, streams),
	}
}

// scopesOf returns a token's scopes in their text form.
func scopesOf(t client.Token) string {
	if t.Kind == "personal" && len(t.Scopes) == 0 {
		return "as its maker"
	}
	texts := make([]string, len(t.Scopes))
	for i, scope := range t.Scopes {
		texts[i] = scope.String()
	}
	return strings.Join(texts, " ")
}

func newTokenRevoke(conn *connection, streams Streams) *cobra.Command {
	return newRemove(conn, streams, &cobra.Command{
		Use: "revoke TOKEN", Short: "Revoke a token, by its ID, and those that it created",
		Example: "  windlass token revoke tok_06h06hqhb6gtcr3q3jgb1g7ptm",
	}, "token", (*client.Client).TokenImpact, (*client.Client).RevokeToken)
}

func newTokenWhoami(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "whoami", Short: "Show the token in use", Args: cobra.NoArgs,
		Example: "  windlass token whoami",
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := api.Whoami(cmd.Context())
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, found)
			}
			_, err = fmt.Fprintf(streams.Out, "%s token %s (%s) of workspace %s, its maker's role: %s\n",
				found.Kind, found.Token, found.Name, found.Workspace, found.Role)
			return err
		},
	}
}

// moment formats a time, or returns none for the zero time.
func moment(t time.Time, none string) string {
	if t.IsZero() {
		return none
	}
	return t.UTC().Format(time.RFC3339)
}
