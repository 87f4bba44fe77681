package account

import (
	"context"
	"time"
)

// pager is one of the library's paginators.
type pager[Page, Options any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (*Page, error)
}

// all reads every page, and returns what each of them holds as nouns of this package.
func all[Page, Options, Noun any](ctx context.Context, pages pager[Page, Options], nouns func(*Page) []Noun) ([]Noun, error) {
	var found []Noun
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, Plain(err)
		}
		found = append(found, nouns(page)...)
	}
	return found, nil
}

// each makes a noun of every item of a page.
func each[Item, Noun any](items []Item, noun func(Item) Noun) []Noun {
	var nouns []Noun
	for _, item := range items {
		nouns = append(nouns, noun(item))
	}
	return nouns
}

// sleep lets time pass, unless ctx ends before: then it is an error.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
