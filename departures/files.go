package departures

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"passerelles/accounts"
	"passerelles/media"
)

// exportFiles adds what a member attached to posts, and a list that tells which file is which.
func (s *Service) exportFiles(ctx context.Context, m accounts.Member, archive *zip.Writer) error {
	if s.Media == nil {
		return nil
	}
	files, err := s.Media.FilesBy(ctx, m.ID)
	if err != nil || len(files) == 0 {
		return err
	}
	type line struct {
		File string `json:"file"`
		Post string `json:"post"`
		Name string `json:"name"`
		Alt  string `json:"alt,omitempty"`
		Type string `json:"mediaType"`
		Sum  string `json:"sha256"`
	}
	var list []line
	for _, f := range files {
		name := "files/" + strings.TrimPrefix(f.Path(), media.FilePath)
		if err := s.exportFile(archive, name, f); err != nil {
			return err
		}
		list = append(list, line{name, s.IRIs.Post(f.Post), f.Name, f.Alt, f.Type, f.Sum})
	}
	to, err := archive.CreateHeader(&zip.FileHeader{Name: "files.json", Method: zip.Deflate, Modified: s.Now()})
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	return encoder.Encode(list)
}

// exportFile writes the bytes as they are: they are packed already.
func (s *Service) exportFile(archive *zip.Writer, name string, f media.File) error {
	from, err := s.Media.OpenFile(f)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	to, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: f.At})
	if err == nil {
		_, err = io.Copy(to, from)
	}
	return errors.Join(err, from.Close())
}
