// The program uses the clients that oapi-codegen makes of the documents.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"windlass.test/clients/api"
	"windlass.test/clients/dataset"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("the Go client works")
}

func run(ctx context.Context, url, token string) error {
	sign := func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	service, err := api.NewClientWithResponses(url, api.WithRequestEditorFn(sign))
	if err != nil {
		return err
	}
	row := map[string]any{"sym": "GO", "venue": "x", "day": "2024-01-02", "v": 5, "px": 0.1}
	written, err := service.WriteRowsWithResponse(ctx, "main", "ticks", &api.WriteRowsParams{}, []any{row})
	if err != nil {
		return err
	}
	if written.JSON200 == nil || written.JSON200.Inserted != 1 {
		return fmt.Errorf("written: %s", written.Body)
	}
	return read(ctx, url, sign)
}

func read(ctx context.Context, url string, sign dataset.RequestEditorFn) error {
	ticks, err := dataset.NewClientWithResponses(url, dataset.WithRequestEditorFn(sign))
	if err != nil {
		return err
	}
	condition := "gte.5"
	rows, err := ticks.ReadKeyWithResponse(ctx, "GO", &dataset.ReadKeyParams{V: &condition})
	if err != nil {
		return err
	}
	if rows.JSON200 == nil || len(*rows.JSON200) != 1 || *(*rows.JSON200)[0].Px != 0.1 {
		return fmt.Errorf("the rows: %s", rows.Body)
	}
	condition = "near.5"
	refused, err := ticks.ReadRowsWithResponse(ctx, &dataset.ReadRowsParams{V: &condition})
	if err != nil {
		return err
	}
	problem := refused.ApplicationproblemJSON4XX
	if problem == nil || problem.Reason == nil || *problem.Reason != "unknown_operator" {
		return fmt.Errorf("the error: %s", refused.Body)
	}
	return nil
}
