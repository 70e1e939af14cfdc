use super::*;

fn rows(part: &[u8], delimiter: u8, last: bool) -> (Vec<Vec<String>>, usize) {
    let mut sheet = Sheet::new(part, delimiter, last);
    let mut all = Vec::new();
    while let Some(cells) = sheet.next().unwrap() {
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
    let long = [b"\"".to_vec(), vec![b'x'; LONGEST_ROW + 1]].concat();
    assert!(Sheet::new(&long, b',', true).next().is_err());
    assert!(Sheet::new(&vec![b','; 600], b',', true).next().is_err());
}

#[test]
fn one_bad_row_has_its_fault() {
    let header = Header { delimiter: b',', columns: vec!["a".into(), "b".into()] };
    let row = header.row(4, vec![Ok("x".into()), Err("\u{fffd}".into())]);
    assert_eq!(row.faults[0].field, ["b"]);
    assert_eq!(header.row(5, vec![Ok("x".into())]).faults.len(), 1);
}
