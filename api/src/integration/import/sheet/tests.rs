//! Rows out of parts, wherever a file is cut.

use super::*;

fn rows(part: &[u8], delimiter: u8, last: bool) -> (Vec<Vec<String>>, usize) {
    let mut sheet = Sheet::new(part, delimiter, last);
    let mut all = Vec::new();
    while let Some(read) = sheet.next() {
        let Read::Cells(cells) = read else { panic!("a row is refused") };
        all.push(cells.into_iter().map(|c| c.unwrap_or_else(|lossy| lossy)).collect());
    }
    (all, sheet.at())
}

#[test]
fn a_cut_anywhere_gives_the_same_rows() {
    let file = b"1,\"a\nb\",x\r\n2,\"say \"\"hi\"\"\",y\r\n3,,z";
    let (whole, end) = rows(file, b',', true);
    assert_eq!(whole, [["1", "a\nb", "x"], ["2", "say \"hi\"", "y"], ["3", "", "z"]]);
    assert_eq!(end, file.len());
    for cut in 0..file.len() {
        let (mut first, read) = rows(&file[..cut], b',', false);
        let (rest, _) = rows(&file[read..], b',', true);
        first.extend(rest);
        assert_eq!(first, whole, "cut at {cut}");
    }
}

#[test]
fn the_first_row_tells_the_delimiter() {
    for (file, mark) in [("a;b\n1;2", b';'), ("a\tb", b'\t'), ("a|b", b'|'), ("\"x;y;z\",b", b','), ("only", b',')] {
        assert_eq!(Header::read(file.as_bytes(), true).unwrap().unwrap().0.delimiter, mark, "{file}");
    }
    let (header, end) = Header::read(b"\xef\xbb\xbfa,b\n1,2\n", false).unwrap().unwrap();
    assert_eq!(header.columns, ["a", "b"]);
    assert!((7..=8).contains(&end));
}

#[test]
fn what_is_no_table_is_refused() {
    for file in [&b"\xff\xfea\0"[..], b"a,a\n", b"", b"\xe4,b\n", b"a\0b,c\n"] {
        assert!(Header::read(file, true).is_err());
    }
    for long in [[b"\"".to_vec(), vec![b'x'; LONGEST_ROW + 1]].concat(), vec![b','; 600]] {
        assert!(Header::read(&long, true).is_err());
    }
}

/// What becomes of a file that comes in parts of so many bytes: the first cell of each row, or "-" for one left out.
fn in_parts(file: &[u8], size: usize) -> String {
    let (mut said, mut at, mut skips) = (String::new(), 0, false);
    loop {
        let end = (at + size).min(file.len());
        let mut sheet = Sheet::new(&file[at..end], b',', end == file.len());
        sheet.skips = skips;
        while let Some(read) = sheet.next() {
            match read {
                Read::Cells(cells) => said += cells[0].as_ref().unwrap(),
                Read::Refused(_) => said.push('-'),
            }
        }
        (at, skips) = (at + sheet.at(), sheet.skips);
        if end == file.len() {
            return said;
        }
    }
}

#[test]
fn a_row_too_long_or_too_wide_is_left_out_alone() {
    let x = |count: usize| "x".repeat(count);
    let fat = format!("c,{}\n", x(LONGEST_ROW / 2));
    let line = format!("a,b\n{}\nd,e\n", x(3 * LONGEST_ROW));
    let wide = format!("a,b\n{}\nd,e\n", ",".repeat(600));
    let quote = format!("a,b\n1,\"b\nd,e\n{fat}{fat}{fat}");
    let end = format!("a,b\n1,\"{}", x(2 * LONGEST_ROW));
    let blank = format!("a,b{}d,e\n", "\r\n".repeat(LONGEST_ROW));
    for (file, said) in [(line, "a-d"), (wide, "a-d"), (quote, "a-dccc"), (end, "a-"), (blank, "ad")] {
        for size in [LONGEST_ROW, LONGEST_ROW + 5, 5 * LONGEST_ROW] {
            assert_eq!(in_parts(file.as_bytes(), size), said, "{size}");
        }
    }
}

#[test]
fn one_bad_row_has_its_fault() {
    let header = Header { delimiter: b',', columns: vec!["a".into(), "b".into()], skips: false };
    let row = header.row(4, Read::Cells(vec![Ok("x".into()), Err("\u{fffd}".into())]));
    assert_eq!(row.faults[0].field, ["b"]);
    assert_eq!(header.row(5, Read::Cells(vec![Ok("x".into())])).faults.len(), 1);
}
