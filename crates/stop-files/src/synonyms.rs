//! What columns are called: by route planners, shops and dispatchers in several languages. Small letters and digits without
//! accents, spaces or punctuation; the best name first.

use crate::field::Field;

/// Words in front of a name that say that it is the delivery's, not the bill's.
pub(crate) const FOR_DELIVERY: &[&str] = &[
    "shipping",
    "shipto",
    "ship",
    "delivery",
    "deliveryto",
    "deliverto",
    "dropoff",
    "destination",
    "livraison",
    "liefer",
    "lieferung",
    "envio",
    "entrega",
    "consegna",
    "bezorg",
    "toimitus",
    "leverans",
];

/// Words in front of a name that say nothing of it.
pub(crate) const BESIDE: &[&str] = &[
    "customer",
    "client",
    "recipient",
    "receiver",
    "consignee",
    "contact",
    "stop",
    "order",
    "visit",
    "task",
    "job",
    "location",
    "kunden",
    "empfanger",
    "destinataire",
    "cliente",
    "destinatario",
    "ontvanger",
    "klant",
    "asiakas",
    "asiakkaan",
    "vastaanottajan",
    "kund",
    "mottagare",
];

/// Columns that only files with a row for each item have.
pub(crate) const LINE_ITEMS: &[&str] = &["lineitemname", "lineitemquantity", "lineitemsku"];

/// Names of columns by what they hold, with spaces between.
pub(crate) const SYNONYMS: &[(Field, &str)] = &[
    (
        Field::ClientStopId,
        "clientstopid stopid externalid externalstopid orderid deliveryid shipmentid trackingnumber \
         trackingid consignmentnumber reference ref stopreference externalreference id uid auftragsnummer \
         sendungsnummer referenz numerocommande numerodecommande referencia riferimento tilausnumero viite \
         referens",
    ),
    (Field::Kind, "type stoptype tasktype ordertype servicetype activity kind typ art tipo tyyppi soort typedarret"),
    (
        Field::OrderName,
        "ordername ordernumber orderno order invoicenumber bestellnummer bestellung commande pedido ordine \
         ordernummer tilaus",
    ),
    (
        Field::Address1,
        "address1 addressline1 addr1 street streetaddress line1 addressline address fulladdress addr \
         streetname location destination strasse strassehausnummer strasseundhausnummer strassenr anschrift \
         adresse adresse1 adresselivraison adressedelivraison lieferadresse rue numeroetrue calle direccion \
         direccion1 domicilio indirizzo via straat adres straatenhuisnummer osoite katuosoite lahiosoite \
         toimitusosoite adress gata gatuadress endereco morada rua ulica adres1",
    ),
    (
        Field::HouseNumber,
        "housenumber houseno buildingnumber streetnumber hausnummer hausnr numeroderue numerorue huisnummer \
         numerocivico talonumero husnummer",
    ),
    (
        Field::Address2,
        "address2 addressline2 addr2 line2 apartment apt suite unit flat building aptsuite apartmentsuite \
         adresszusatz zusatz adresse2 complement complementadresse complementdadresse direccion2 interno \
         toevoeging huisnummertoevoeging asunto porras lagenhet",
    ),
    (
        Field::City,
        "city town citytown locality suburb municipality village ville commune localite stadt ort wohnort \
         ciudad poblacion localidad municipio citta comune localita stad plaats woonplaats gemeente kaupunki \
         postitoimipaikka paikkakunta postort cidade localidade miasto",
    ),
    (
        Field::Province,
        "province provincecode state statecode stateprovince region county provincename departement \
         bundesland kanton canton provincia estado regione provincie maakunta lan",
    ),
    (
        Field::Zip,
        "zip zipcode postalcode postcode postal zippostalcode codepostal cp plz postleitzahl codigopostal cap \
         codicepostale postinumero postnummer postnr kodpocztowy",
    ),
    (Field::Country, "country countrycode countryregion pays land pais paese nazione maa kraj landcode codepays"),
    (
        Field::Latitude,
        "latitude lat gpslat gpslatitude breitengrad latitud latitudine breedtegraad leveysaste geolat y",
    ),
    (
        Field::Longitude,
        "longitude lng lon long gpslng gpslon gpslongitude langengrad laengengrad longitud longitudine \
         lengtegraad pituusaste geolng geolon x",
    ),
    (
        Field::Coordinates,
        "coordinates coordinate latlng latlong latlon latitudelongitude gps gpscoordinates geo coordonnees \
         koordinaten coordenadas coordinaten koordinaatit koordinater",
    ),
    (
        Field::ContactName,
        "contactname name fullname recipient recipientname customer customername receiver contact consignee \
         attention attn stopname locationname nom nomcomplet nomclient destinataire client empfanger \
         ansprechpartner kontakt kontaktperson kunde nombre nombrecompleto destinatario cliente contacto \
         nominativo contatto naam ontvanger klant contactpersoon nimi vastaanottaja asiakas yhteyshenkilo \
         namn mottagare kund",
    ),
    (Field::FirstName, "firstname givenname forename prenom vorname primernombre nome voornaam etunimi fornamn"),
    (
        Field::LastName,
        "lastname surname familyname nomdefamille nachname familienname apellido apellidos cognome achternaam \
         sukunimi efternamn",
    ),
    (
        Field::Company,
        "company companyname business businessname organisation organization store shop societe entreprise \
         raisonsociale firma firmenname unternehmen empresa azienda ragionesociale bedrijf bedrijfsnaam \
         yritys yrityksennimi foretag",
    ),
    (
        Field::Phone,
        "phone phonenumber telephone telephonenumber tel mobile mobilephone cell cellphone mobilenumber \
         telefon telefonnummer handy mobil rufnummer numerodetelephone portable telefono movil cellulare \
         telefoon telefoonnummer gsm puhelin puhelinnumero mobiltelefon telefone telemovel celular",
    ),
    (
        Field::Email,
        "email emailaddress mail emailadresse adressemail adresseemail courriel correo correoelectronico \
         postaelettronica indirizzoemail emailadres sahkoposti epost epostadress",
    ),
    (
        Field::Note,
        "note notes deliverynotes instructions deliveryinstructions driverinstructions drivernotes \
         specialinstructions comment comments remarks remark details taskdetails description message \
         additionalinfo remarque remarques commentaire commentaires consignes bemerkung bemerkungen notiz \
         notizen hinweis hinweise anmerkung anmerkungen kommentar notas comentarios observaciones \
         instrucciones commenti istruzioni opmerking opmerkingen notities lisatiedot huomautus huomio ohjeet \
         kommentarer anteckningar observacoes",
    ),
    (Field::ServiceSeconds, "serviceseconds durationseconds"),
    (
        Field::ServiceMinutes,
        "serviceminutes servicetime serviceduration duration timeatstop stopduration visitduration \
         unloadingtime handlingtime dwelltime duree tempsdeservice tempssurplace dauer standzeit servicezeit \
         aufenthalt aufenthaltsdauer duracion tiempodeservicio durata tempodiservizio duur servicetijd kesto \
         palveluaika varaktighet stopptid duracao",
    ),
    (Field::ServiceHours, "servicehours"),
    (
        Field::TimeWindows,
        "timewindows timewindow window windows deliverywindow timeslot slot deliverytime time times creneau \
         creneauhoraire horaire horaires zeitfenster lieferzeit uhrzeit ventanahoraria horario franjahoraria \
         fasciaoraria orario tijdvak tijdvenster tijdslot aikaikkuna toimitusaika tidsfonster",
    ),
    (
        Field::WindowStart,
        "windowstart timewindowstart twstart starttime start earliest earliestarrival earliesttime opens open \
         opentime openfrom from fromtime after notbefore completeafter availablefrom ab von beginn fruhestens \
         debut heuredebut apartir desde inizio dalle dalleore vanaf van alku alkaen aikaisintaan starttid \
         tidigast",
    ),
    (
        Field::WindowEnd,
        "windowend timewindowend twend endtime end latest latestarrival latesttime closes close closetime \
         opento opentill to totime before until notafter completebefore availableto deadline bis ende \
         spatestens fin heurefin hasta fine alle alleore tot loppu mennessa viimeistaan sluttid senast",
    ),
    (
        Field::DeliveryDate,
        "deliverydate date scheduleddate duedate requesteddate datedelivraison datelivraison lieferdatum \
         liefertag datum fecha fechadeentrega dataconsegna dataentrega bezorgdatum leverdatum toimituspaiva \
         paivamaara pvm leveransdatum leveransdag",
    ),
    (
        Field::Priority,
        "priority prio priorite prioritat prioridad priorita prioriteit prioriteetti prioritet prioridade",
    ),
    (Field::Tags, "tags tag labels skills etiquettes schlagworte etiquetas etichette tunnisteet taggar"),
    (
        Field::Items,
        "items products product goods contents articles produits artikel waren productos articulos articoli \
         prodotti producten tuotteet produkter varor produtos",
    ),
    (
        Field::ItemName,
        "itemname lineitemname item productname itemdescription article produit artikelname \
         artikelbezeichnung producto articolo tuote produkt",
    ),
    (
        Field::ItemQuantity,
        "itemquantity lineitemquantity quantity qty itemcount quantite qte menge anzahl stuckzahl cantidad \
         quantita hoeveelheid aantal maara kpl antal quantidade",
    ),
    (Field::ItemWeight, "itemweight lineitemweight weight unitweight poids gewicht peso paino vikt"),
    (Field::ItemGrams, "itemgrams grams lineitemgrams gramm grammes"),
    (Field::ItemKilograms, "itemkilograms kilograms kg"),
    (Field::ItemPounds, "itempounds pounds lbs"),
    (Field::ItemOunces, "itemounces ounces"),
    (
        Field::Parcels,
        "parcels parcelcount parcel packages packagecount package numberofpackages numberofparcels boxes \
         boxcount pieces colis nombredecolis pakete paketanzahl packstucke paquetes bultos colli pacchi \
         pakketten paketit paket pacotes",
    ),
    (Field::Attributes, "attributes customattributes metadata"),
    (Field::Tasks, "tasks"),
    (Field::ImportedStopId, "importedstopid"),
    (Field::LocationStatus, "locationstatus"),
    (Field::ImportedAt, "importedat"),
];
