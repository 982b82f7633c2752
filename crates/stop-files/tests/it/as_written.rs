//! Files as spreadsheets, shops and route planners write them.

use routemate_domain::{Item, Priority, StopKind};
use routemate_stop_files::Delimiter;

use crate::samples::{read_plainly, sentences, stops_of, targets};

fn item(name: &str, quantity: u32, grams: u32) -> Item {
    Item { name: name.to_owned(), quantity, grams }
}

/// Text in an encoding of one byte a letter: the first 256 letters of Unicode are those of ISO 8859-1.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("Latin")).collect()
}

#[test]
fn a_german_spreadsheet() {
    let bytes = latin(
        "Auftragsnummer;Vorname;Name;Straße;Hausnummer;PLZ;Ort;Land;Telefon;E-Mail;Bemerkungen;Breitengrad;Längengrad;\
         Zeitfenster;Dauer (Min.);Lieferdatum;Gewicht (kg);Artikel\r\n\
         4711;Jörg;Müller;Königstraße;12a;01067;Dresden;Germany;0351 1234567;joerg@example.com;\"Hinterhof;\r\nbitte \
         klingeln\";51,0504;13,7373;8 bis 12 Uhr; 7,5;09.03.2026;2,5;Äpfel x 3\r\n\
         ;;;;;;;;;;;;;;;;;\r\n\
         4712;Änne;Groß;Weg;7;01069;Dresden;Germany;;;;;;;;;;\r\n",
    );
    let file = read_plainly(&bytes);
    assert_eq!(sentences(&file), [""; 0]);
    assert_eq!((file.encoding.map(|e| e.name()), file.delimiter), (Some("windows-1252"), Some(Delimiter::Semicolon)));
    assert_eq!(file.stops.iter().map(|stop| stop.line).collect::<Vec<_>>(), [2, 5]);
    let first = &file.stops[0].request;
    assert_eq!(first.external_id.as_ref().map(|id| id.as_str()), Some("4711"));
    assert_eq!(first.address.to_string(), "Königstraße 12a, Dresden, 01067, DE");
    assert_eq!((first.contact.first_name.as_str(), first.contact.last_name.as_str()), ("Jörg", "Müller"));
    assert_eq!((first.contact.phone.as_str(), first.contact.email.as_str()), ("+493511234567", "joerg@example.com"));
    assert_eq!(first.note.as_ref().map(|note| note.as_str()), Some("Hinterhof;\r\nbitte klingeln"));
    assert_eq!(first.position.map(|at| (at.lat(), at.lng())), Some((51.0504, 13.7373)));
    assert_eq!(first.windows.len(), 1);
    assert_eq!(
        (first.service_time.map(|time| time.get()), first.delivery_date.map(|day| day.to_string())),
        (Some(450), Some("2026-03-09".to_owned()))
    );
    assert_eq!(first.items, [item("Äpfel", 3, 0), item("Parcel", 1, 2_500)]);
}

#[test]
fn a_french_spreadsheet_of_an_older_kind() {
    let bytes = latin(
        "sep=;\r\nNuméro;Rue;Code postal;Ville;Pays;Nom;Prénom;Téléphone;Créneau;Durée;Remarques\r\n\
         1;Rue de l'Église 5;75015;Paris;France;Lefèvre;Zoé;01 42 68 53 00;9h-12h30;15;2ème étage\r\n",
    );
    let file = read_plainly(&bytes);
    assert_eq!(sentences(&file), [""; 0]);
    let stop = &file.stops[0].request;
    assert_eq!(file.stops[0].line, 3);
    assert_eq!(stop.address.to_string(), "Rue de l'Église 5, Paris, 75015, FR");
    assert_eq!((stop.contact.first_name.as_str(), stop.contact.last_name.as_str()), ("Zoé", "Lefèvre"));
    assert_eq!((stop.contact.phone.as_str(), stop.service_time.map(|time| time.get())), ("+33142685300", Some(900)));
}

#[test]
fn a_sheet_from_the_browser_and_unicode_text_from_excel() {
    let text = "Customer,Address,Notes,Tags,Priority\r\nAino,\"Unioninkatu 29, Helsinki\",\"Says \"\"hello\"\"\",\"cold, fragile\",high\r\n";
    let wide = format!("\u{feff}{}", text.replace("\"Unioninkatu 29, Helsinki\"", "Unioninkatu 29, Helsinki"));
    let wide = wide.replace("Customer,Address,Notes,Tags,Priority", "Customer\tAddress\tNotes\tTags\tPriority");
    let wide = wide
        .replace("Aino,", "Aino\t")
        .replace("Helsinki,", "Helsinki\t")
        .replace("\",\"", "\"\t\"")
        .replace("\",high", "\"\thigh");
    let wide: Vec<u8> = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [text.as_bytes(), format!("\u{feff}{text}").as_bytes(), &wide] {
        let stop = stops_of(bytes).remove(0);
        assert_eq!(stop.address.line1, "Unioninkatu 29, Helsinki");
        assert_eq!(stop.note.as_ref().map(|note| note.as_str()), Some("Says \"hello\""));
        assert_eq!(
            (stop.tags, stop.priority),
            (vec!["cold".to_owned(), "fragile".to_owned()], Priority::one_to_ten(10).expect("ten"))
        );
        assert_eq!(stop.contact.first_name, "Aino");
    }
}

/// The columns that are read of a shop's export of orders, and some that are not; further lines of an order hold its items.
const ORDERS: &str = "\
Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Total,Shipping Method,Created at,Lineitem quantity,\
Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Street,Billing City,Billing Zip,Billing Country,Billing Phone,\
Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,\
Shipping Country,Shipping Phone,Notes,Note Attributes,Id,Tags,Phone\n\
#1001,bob@example.com,paid,2026-03-01 10:00:00 -0500,unfulfilled,CAD,20.00,5.00,25.00,Standard,2026-03-01 09:59:00 -0500,2,Bananas,\
5.00,BAN,Bob B,Bill St 1,Ottawa,'K1P 1A1,CA,,Bob van Dyk,\"100 Wellington St, Unit 4\",100 Wellington St,Unit 4,ACME,Ottawa,'K1A 0A9,ON,CA,\
'+16135550100,Ring twice,,450789469,\"vip, cold\",+16135550199\n\
#1001,bob@example.com,,,,,,,,,2026-03-01 09:59:00 -0500,1,Milk,10.00,MLK,,,,,,,,,,,,,,,,,,,,,\n\
#1002,ann@example.com,paid,2026-03-01 11:00:00 -0500,unfulfilled,CAD,5.00,5.00,10.00,Standard,2026-03-01 10:59:00 -0500,1,Bread,5.00,BRD,\
Ann,Bill St 2,Ottawa,K1P 1A1,CA,,Ann Lee,1 Elgin St,1 Elgin St,,,Ottawa,K2P 1L4,ON,CA,,,,450789470,,\n";

#[test]
fn a_shops_export_of_orders() {
    let file = read_plainly(ORDERS.as_bytes());
    assert_eq!(sentences(&file), [""; 0]);
    let told = targets(&file);
    let of = |name: &str| told[file.columns.iter().position(|column| column.name == name).expect("a column")].as_str();
    for (name, target) in [
        ("Name", "order_name"),
        ("Id", "client_stop_id"),
        ("Shipping Street", "?"),
        ("Shipping Address1", "address1"),
        ("Billing City", "?"),
        ("Phone", "?"),
        ("Shipping Phone", "phone"),
        ("Shipping", "?"),
        ("Created at", "?"),
        ("Shipping Method", "?"),
        ("Total", "?"),
    ] {
        assert_eq!(of(name), target, "{name}");
    }
    assert_eq!((file.rows, file.stops.len()), (3, 2));
    let first = &file.stops[0].request;
    assert_eq!(first.items, [item("Bananas", 2, 0), item("Milk", 1, 0)]);
    assert_eq!(
        (first.order_name.as_deref(), first.external_id.as_ref().map(|id| id.as_str())),
        (Some("#1001"), Some("450789469"))
    );
    assert_eq!(first.address.to_string(), "100 Wellington St, Unit 4, Ottawa, ON, K1A 0A9, CA");
    assert_eq!((first.contact.first_name.as_str(), first.contact.last_name.as_str()), ("Bob", "van Dyk"));
    assert_eq!((first.contact.phone.as_str(), first.contact.company.as_str()), ("+16135550100", "ACME"));
    assert_eq!(first.tags, ["vip", "cold"]);
    assert_eq!(file.stops[1].request.items, [item("Bread", 1, 0)]);
}

#[test]
fn a_row_for_each_item_with_everything_repeated() {
    let stops = stops_of(
        b"Order ID,Address,Item,Qty,Weight (kg)\n7,Canal 1,Flour,2,1.5\n7,Canal 1,Milk,1,1\n8,Canal 2,Milk,4,1\n7,Canal 1,Salt,1,0.5\n",
    );
    // The last row is not with the others of its order: it is an order of its own, and replaces the first.
    assert_eq!(stops.len(), 3);
    assert_eq!(stops[0].items, [item("Flour", 2, 1_500), item("Milk", 1, 1_000)]);
    assert_eq!(stops[2].items, [item("Salt", 1, 500)]);
}

#[test]
fn exports_of_route_planners() {
    let stops = stops_of(
        b"Name,Address,Latitude,Longitude,Phone,Email,Start,End,Duration (in minutes),Load,Types,Priority,Notes\n\
          Ann,1 Elgin St,45.42,-75.69,,,09:00,17:00,10,,,,Dog\n",
    );
    let (first, window) = (&stops[0], stops[0].windows[0]);
    assert_eq!(first.service_time.map(|time| time.get()), Some(600));
    assert_eq!((window.start().map(|time| time.hour()), window.end().map(|time| time.hour())), (Some(9), Some(17)));
    let stops = stops_of(
        b"Address line 1,Address line 2,City,State,Postal code,Country,Recipient name,Recipient email,Recipient phone,External ID,\
          Package count,Products,Notes,Earliest arrival,Latest arrival,Time at stop (in minutes),Type\n\
          1 Main St,Apt 2,Springfield,Illinois,62701,USA,Homer Simpson,h@example.com,(217) 555-0100,X-1,3,Donuts,,9:00 AM,5:30 PM,5,Pickup\n",
    );
    let first = &stops[0];
    assert_eq!(first.address.to_string(), "1 Main St, Apt 2, Springfield, IL, 62701, US");
    assert_eq!((first.kind, first.contact.phone.as_str()), (StopKind::Pickup, "+12175550100"));
    assert_eq!(first.items, [item("Donuts", 1, 0), item("Parcel", 3, 0)]);
    assert_eq!(first.windows[0].end().map(|time| (time.hour(), time.minute())), Some((17, 30)));
    let stops = stops_of(
        "Recipient_Name,Recipient_Phone,Address_Line1,City/Town,State/Province,Postal_Code,Country,Task_Details,completeAfter,\
         completeBefore,Quantity\nAnn,,Canal 1,Leeds,,LS1,UK,Gate,08:00,,2\n"
            .as_bytes(),
    );
    assert_eq!(
        (stops[0].address.country_code.as_str(), stops[0].items.as_slice()),
        ("GB", [item("Parcel", 2, 0)].as_slice())
    );
}

#[test]
fn places_may_be_coordinates_alone() {
    let at = |text: &str| stops_of(text.as_bytes())[0].position.map(|at| (at.lat(), at.lng()));
    assert_eq!(at("lat,lng\n60.17,24.94\n"), Some((60.17, 24.94)));
    assert_eq!(at("lat;lng\n60,17;24,94\n"), Some((60.17, 24.94)));
    assert_eq!(at("Coordinates\n\"60.17, 24.94\"\n"), Some((60.17, 24.94)));
    assert_eq!(at("GPS;Name\n60,17, 24,94;A\n"), Some((60.17, 24.94)));
    // What is written where nothing is known.
    assert_eq!(at("address,lat,lng\nCanal 1,0,0\n"), None);
}
