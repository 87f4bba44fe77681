package command

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/korakagazindia/provisioner/internal/price"
	"github.com/korakagazindia/provisioner/internal/pricelist"
	"github.com/korakagazindia/provisioner/internal/project"
)

func newCostRefresh() *cobra.Command {
	var region, file string
	cmd := &cobra.Command{
		Use:   "refresh [TYPE]...",
		Short: "Reads all prices again from the AWS Price List",
		Long: "refresh asks the AWS Price List (GetProducts) for each price and rewrites the project's\n" + price.File +
			". A query that does not find exactly one product is an error, and then\n" +
			"nothing is written. It needs credentials with pricing:GetProducts, and costs nothing. A TYPE is an\n" +
			"instance type that has no price yet, and gets one.",
		Example: "  kora cost refresh\n" +
			"  kora cost refresh m7a.large\n" +
			"  kora cost refresh --region ap-southeast-1 --prices singapore.json",
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, types []string) error { return costRefresh(cmd, types, region, file) },
	}
	cmd.Flags().StringVar(&region, "region", "", "the `REGION` whose prices are read (default: the embedded book's)")
	profileFlag(cmd.Flags())
	cmd.Flags().StringVar(&file, "prices", "", "write to `FILE` (default: the project's)")
	return cmd
}

func costRefresh(cmd *cobra.Command, types []string, region, file string) error {
	book, err := price.Embedded().With(types...)
	if err != nil {
		return misusedBy(err)
	}
	if region != "" && region != book.Region {
		other, err := pricelist.For(book, region)
		if err != nil {
			return misusedBy(err)
		}
		if file == "" {
			return misusef("--region %s needs --prices FILE: %s holds the prices of %s", region, price.File, book.Region)
		}
		book = other
	}
	if file == "" {
		p, err := project.Find("")
		if err != nil {
			return fmt.Errorf("%w, or say --prices FILE", err)
		}
		file = filepath.Join(p.Root, filepath.FromSlash(price.File))
	}
	progress(cmd)("asking the AWS Price List for each price: about a minute")
	client, err := pricelist.New(cmd.Context(), profile(cmd))
	if err != nil {
		return err
	}
	fresh, changes, err := pricelist.Refresh(cmd.Context(), client, book)
	if err != nil {
		return err
	}
	if err := fresh.Write(file); err != nil {
		return err
	}
	for _, c := range changes {
		fmt.Fprintf(cmd.OutOrStdout(), "%-36s %v -> %v\n", c.Key, c.From, c.To)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%d prices read, %d changed, written to %s\n", len(fresh.Prices), len(changes), file)
	return nil
}
