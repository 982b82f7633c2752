//! What is wrong is told with line, column, value and what is accepted; all of it at once.

use routemate_stop_files::{DateOrder, Delimiter, ReadOptions, read};

use crate::samples::{headless, keeping_unknown, mapped, read_plainly, sentences, targets};

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let told = sentences(&read_plainly(text.as_bytes()));
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}\nis not\n{expected}");
    }
}

#[test]
fn every_bad_cell_is_told_with_its_place() {
    check(
        "address,lat,lng,priority,duration (min),window,date,qty,item,weight,type\n\
         Canal 1,91,24,11,-5,noon,2026-02-30,x,A,5,fly\n\
         Canal 2,60,,1,5,9-12,2026-03-09,1,A,5 kg,task\n\
         \"Canal\n3\",60,24,1,5,12-9,2026-03-09,1,A,5 kg,pickup\n\
         ,,,,,,,1,A,1 g,\n",
        &[
            "line 2, column \"lat\": `91` must be a number from -90 to 90",
            "line 2, column \"type\": `fly` must be one of delivery, pickup, task",
            "line 2, column \"duration (min)\": `-5` must be minutes",
            "line 2, column \"window\": `noon` must be such as 09:00-12:00",
            "line 2, column \"date\": `2026-02-30` must be a day, such as 2026-03-09",
            "line 2, column \"priority\": `11` must be from 1 (low) to 10 (high)",
            "line 2, column \"qty\": `x` must be a whole number",
            "line 2, column \"weight\": `5` must be a weight with its unit",
            "line 3, column \"lat\": `60` needs a longitude beside it",
            "line 4, column \"window\": `12-9` must be such as",
            "line 6 needs an address or coordinates",
        ],
    );
}

#[test]
fn lines_are_those_of_the_file() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["", "address,lat,lng", "", "\"a", "b\",1,2", ";;", "c,x,2", "", ",,", "d,1,y"].join(end);
        let told: Vec<_> = read_plainly(text.as_bytes()).faults.listed().iter().map(|fault| fault.line).collect();
        // `;;` is an address too.
        assert_eq!(told, [Some(7), Some(10)], "{end:?}");
    }
}

#[test]
fn files_that_cannot_be_understood_say_what_helps() {
    check("", &["the file is empty"]);
    check("\r\n\r\n  \n", &["the file is empty"]);
    check("address,city\n", &["the file has no rows below its header"]);
    check(
        "Bob,Canal 1,Leeds\nAnn,Canal 2,Leeds\n",
        &["line 1 names no column that is known: `Bob`, `Canal 1`, `Leeds`"],
    );
    check("\nname,phone\nBob,1\n", &["the file has no column with an address or coordinates"]);
    check("address,city,Address\na,b,c\n", &["column \"Address\" is there twice, as columns 1 and 3"]);
    check("address,note\na,b\nc,\"d\ne,f\n", &["line 3 begins a quotation mark that is never closed"]);
    check("address,city\nCanal 1, Leeds, UK,x\n", &["line 2 has 4 cells, and the first row 2"]);
    check("address,note\na,b\0c\n", &["line 2, column \"note\": `b\0c` must not contain the character U+0000"]);
    check("address,city\na,b,\nc\nd,e,,,\n", &[]);
    let wide = format!("address{}\nx\n", ",".repeat(1_000));
    check(&wide, &["line 1 has 1001 cells; a file may have 1000 columns"]);
}

#[test]
fn texts_and_lists_have_the_limits_of_the_api() {
    let long = "x".repeat(4_001);
    check(
        &format!("address,note\n{long},\na,{long}\n"),
        &["line 2, column \"address\": `xxx", "line 3, column \"note\": `xxx"],
    );
    let tags = vec!["t"; 251].join(";");
    check(&format!("address,tags\na,{tags}\n"), &["line 2 has 251 tags; at most 250 are kept"]);
    let pairs: Vec<_> = (0..51).map(|number| format!("k{number}=v")).collect();
    check(&format!("address,attributes\na,{}\n", pairs.join(";")), &["line 2 has 51 attributes; at most 50 are kept"]);
    check(&format!("id,address\n{},a\n", "x".repeat(256)), &["line 2, column \"id\": `xxx"]);
    check("address,duration\na,169 h\na,168 h\n", &["line 2, column \"duration\": `169 h` must be minutes"]);
    check("address,attributes\na,floor\n", &["line 2, column \"attributes\": `floor` must be such as floor=3; zone=B"]);
    check("address,tasks\na,sign\n", &["line 2, column \"tasks\": `sign` must be a JSON list"]);
}

#[test]
fn the_first_thousand_faults_are_kept_and_all_are_counted() {
    let text = format!("address,lat,lng\n{}", "a,x,y\n".repeat(1_500));
    let file = read_plainly(text.as_bytes());
    assert_eq!((file.faults.count(), file.faults.listed().len(), file.rows), (3_000, 1_000, 1_500));
    let long = format!("address,lat,lng\na,{},1\n", "7".repeat(500));
    let file = read_plainly(long.as_bytes());
    assert_eq!(file.faults.listed()[0].value.as_ref().map(|value| value.chars().count()), Some(101));
}

#[test]
fn too_many_rows_are_refused() {
    let options = ReadOptions { most_rows: 2, ..ReadOptions::default() };
    let read = |text: &str| sentences(&read(text.as_bytes(), &options, |_, _| {}));
    assert_eq!(read("address\na\nb\n"), [""; 0]);
    assert_eq!(read("address\na\nb\nc\n"), ["the file has more than 2 rows: split it"]);
}

#[test]
fn days_need_their_order_where_no_row_shows_it() {
    let read = |text: &str, date_order| {
        read(text.as_bytes(), &ReadOptions { date_order, ..ReadOptions::default() }, |_, _| {})
    };
    let days = |file: &routemate_stop_files::StopFile| {
        file.stops.iter().map(|stop| stop.request.delivery_date.expect("a day").to_string()).collect::<Vec<_>>()
    };
    let unclear = "address,date\na,3/9/2026\nb,2026-03-09\n";
    let file = read(unclear, None);
    assert_eq!(file.faults.count(), 1);
    assert!(
        sentences(&file)[0].contains("line 2, column \"date\": `3/9/2026` may be either day and month"),
        "{file:?}"
    );
    assert_eq!(days(&read(unclear, Some(DateOrder::DayFirst))), ["2026-09-03", "2026-03-09"]);
    let shown = "address,date\na,3/9/2026\nb,3/31/2026\n";
    let file = read(shown, None);
    assert_eq!(
        (file.date_order, days(&file)),
        (Some(DateOrder::MonthFirst), vec!["2026-03-09".to_owned(), "2026-03-31".to_owned()])
    );
    let torn = read("address,date\na,3/9/2026\nb,3/31/2026\nc,31/3/2026\n", None);
    assert_eq!((torn.date_order, torn.faults.count()), (None, 1));
}

#[test]
fn what_the_sender_says_counts() {
    let file = read(b"a;b\nCanal 1;Leeds\n", &headless(&["#1=address1", "#2=city"]), |_, _| {});
    assert_eq!((file.stops.len(), file.delimiter), (2, Some(Delimiter::Semicolon)));
    assert_eq!(file.stops[0].line, 1);
    let file = read(b"a;b\n", &headless(&[]), |_, _| {});
    assert!(sentences(&file)[0].contains("needs a mapping of its columns by number"));
    let file = read(b"Where,Time\nCanal 1,soon\n", &mapped(&["Where=address1", "Time=-"]), |_, _| {});
    assert_eq!((file.stops.len(), targets(&file)), (1, vec!["address1".to_owned(), "-".to_owned()]));
    let file = read(b"address,Floor,Gate\nCanal 1,3,\n", &keeping_unknown(), |_, _| {});
    let attributes = &file.stops[0].request.attributes;
    assert_eq!((attributes.len(), attributes[0].key.as_str(), attributes[0].value.as_str()), (1, "Floor", "3"));
}

#[test]
fn a_client_id_that_comes_twice_is_told() {
    let file = read_plainly(b"id,address\nA,first\nB,b\nA,second\nA,third\n");
    let told: Vec<_> = file.replaced.listed().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "line 2 is replaced by line 5, which has the same client_stop_id `A`",
            "line 4 is replaced by line 5, which has the same client_stop_id `A`",
        ]
    );
    assert_eq!((file.stops.len(), file.faults.is_empty()), (4, true));
}
